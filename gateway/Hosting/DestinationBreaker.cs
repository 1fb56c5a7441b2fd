using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;

namespace OrgGateway.Hosting;

/// <summary>
/// A circuit breaker for each destination of a cluster that has several and says nothing of health: one that does not answer is left out
/// for a while. Where none answers all are tried, so a cluster is never closed by its breaker; with one destination there is nothing to choose.
/// </summary>
public sealed class DestinationBreaker : IProxyConfigFilter
{
    private static readonly TimeSpan LeftOutFor = TimeSpan.FromSeconds(15);

    /// <summary>How failures are counted: a destination is left out for as long as its failures are remembered, or longer where a cluster says so.</summary>
    public static void Count(TransportFailureRateHealthPolicyOptions options) =>
        (options.DetectionWindowSize, options.MinimalTotalCountThreshold, options.DefaultFailureRateLimit) = (LeftOutFor, 5, 0.5);

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
