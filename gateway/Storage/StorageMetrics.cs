using System.Diagnostics.Metrics;
using OrgGateway.Telemetry;

namespace OrgGateway.Storage;

internal static class StorageMetrics
{
    public static readonly Histogram<double> Duration = GatewayMeter.Instance.CreateHistogram<double>("orggateway.store.duration", unit: "s", description: "Time to the store's answer");
    public static readonly Counter<long> Failures = GatewayMeter.Instance.CreateCounter<long>("orggateway.store.failures", description: "Commands without an answer, by kind of failure");
}
