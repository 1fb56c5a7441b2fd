using OrgGateway.Health;
using OrgGateway.Proxy;
using OrgGateway.Telemetry;
using Yarp.ReverseProxy;

namespace OrgGateway.Hosting;

/// <summary>Metrics, traces and health, and what is observed of parts that do not know of metrics.</summary>
public static class TelemetryServices
{
    public static void Add(IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(new MetricsCollector(options.Telemetry)) // now: it must hear of the instruments before anything is counted
        .AddSingleton<OtlpExport>()
        .AddSingleton<AnswerRequestId>()
        .AddSingleton<ProxyObservations>()
        .AddSingleton<IHealthPart, StoreHealth>()
        .AddSingleton<IHealthPart, ProviderHealth>()
        .AddSingleton<IHealthPart, ConfigurationHealth>()
        .AddSingleton<HealthReport>()
        .AddHostedService<Drain>();
}
