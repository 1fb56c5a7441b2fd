using OrgGateway.Limits;
using OrgGateway.Proxy;
using OrgGateway.SignIn;

namespace OrgGateway.Hosting;

/// <summary>Limits: one counter for all of them.</summary>
public static class LimitServices
{
    public static void Add(IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(new CurrentRateLimits(RateLimit.Of(options.RateLimits))).AddSingleton<RateLimiter>().AddSingleton<RouteLimits>().AddSingleton<FailedAttempts>().AddSingleton<LoginLimit>();
}
