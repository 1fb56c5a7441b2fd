using System.Diagnostics.Metrics;
using OrgGateway.Storage;
using OrgGateway.Telemetry;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;
using Label = System.Collections.Generic.KeyValuePair<string, object?>;

namespace OrgGateway.Hosting;

/// <summary>What the proxy and the store know of themselves, observed when somebody reads the metrics and at no other time.</summary>
public sealed class ProxyObservations
{
    private readonly IProxyStateLookup _proxy;

    public ProxyObservations(IProxyStateLookup proxy, IStore store, CurrentPolicies policies)
    {
        _proxy = proxy;
        var meter = GatewayMeter.Instance;
        meter.CreateObservableGauge("orggateway.store.available", () => store.IsAvailable ? 1 : 0, null, "1 while the store answers, else 0");
        meter.CreateObservableGauge("orggateway.routes", () => policies.Value.Count, "{route}", "Routes of the configuration in force");
        meter.CreateObservableUpDownCounter("orggateway.upstream.requests.active", Active, "{request}", "Requests and WebSockets at each destination right now");
        meter.CreateObservableGauge("orggateway.upstream.healthy", Healthy, null, "1 while a destination may be chosen, else 0");
    }

    private IEnumerable<Measurement<int>> Active() => Each(destination => destination.ConcurrentRequestCount);

    private IEnumerable<Measurement<int>> Healthy() =>
        Each(destination => destination.Health.Active == DestinationHealth.Unhealthy || destination.Health.Passive == DestinationHealth.Unhealthy ? 0 : 1);

    private IEnumerable<Measurement<int>> Each(Func<DestinationState, int> of)
    {
        foreach (var cluster in _proxy.GetClusters())
            foreach (var (name, destination) in cluster.Destinations)
                yield return new(of(destination), new Label("cluster", cluster.ClusterId), new Label("destination", name));
    }
}
