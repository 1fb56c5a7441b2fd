using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;

namespace OrgGateway.Hosting;

/// <summary>
/// A circuit breaker for each destination of a cluster that has several and says nothing of health: one that does not answer is left out
/// for a while. Where none answers all are tried, so a cluster is never closed by its breaker; with one destination there is nothing to choose.
/// </summary>
public sealed class DestinationBreaker : IProxyConfigFilter
{
    private static readonly TimeSpan LeftOutFor = TimeSpan.FromSeconds(10);

    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel) =>
        new(cluster.Destinations is { Count: > 1 } && cluster.HealthCheck?.Passive is null ? WithBreaker(cluster) : cluster);

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel) => new(route);

    private static ClusterConfig WithBreaker(ClusterConfig cluster) => cluster with
    {
        HealthCheck = new()
        {
            Active = cluster.HealthCheck?.Active,
            AvailableDestinationsPolicy = cluster.HealthCheck?.AvailableDestinationsPolicy ?? HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
            Passive = new() { Enabled = true, Policy = HealthCheckConstants.PassivePolicy.TransportFailureRate, ReactivationPeriod = LeftOutFor },
        },
    };
}
