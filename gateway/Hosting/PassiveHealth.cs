using Yarp.ReverseProxy.Model;

namespace OrgGateway.Hosting;

/// <summary>YARP's passive health checks for the clusters that have them, of the configuration or by <see cref="DestinationBreaker"/>; requests of the others do not pass through.</summary>
public static class PassiveHealth
{
    public static void Use(IReverseProxyApplicationBuilder route) => route.Use(next =>
    {
        var checks = new Branch(route.New());
        checks.UsePassiveHealthChecks();
        var counted = checks.Run(next);
        return context => context.GetReverseProxyFeature().Cluster.Config.HealthCheck?.Passive?.Enabled == true ? counted(context) : next(context);
    });

    private sealed class Branch(IApplicationBuilder inner) : IReverseProxyApplicationBuilder
    {
        public IServiceProvider ApplicationServices { get => inner.ApplicationServices; set => inner.ApplicationServices = value; }
        public Microsoft.AspNetCore.Http.Features.IFeatureCollection ServerFeatures => inner.ServerFeatures;
        public IDictionary<string, object?> Properties => inner.Properties;

        public RequestDelegate Run(RequestDelegate last)
        {
            inner.Run(last);
            return inner.Build();
        }

        public IApplicationBuilder Use(Func<RequestDelegate, RequestDelegate> middleware) => inner.Use(middleware);
        public IApplicationBuilder New() => inner.New();
        public RequestDelegate Build() => inner.Build();
    }
}
