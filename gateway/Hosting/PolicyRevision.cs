using OrgGateway.Access;
using Yarp.ReverseProxy.Configuration;

namespace OrgGateway.Hosting;

/// <summary>
/// YARP keeps the endpoint of a route that stays as it is, and with it the policy it was built with. What a policy takes from
/// elsewhere in the configuration, its limits, is therefore put beside the route's metadata: the route counts as changed with it.
/// </summary>
public sealed class PolicyRevision(CurrentPolicies policies) : IProxyConfigFilter
{
    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel) => new(cluster);

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel) =>
        policies.Value.GetValueOrDefault(route.RouteId) is { Limits.Count: > 0 } policy
            ? new(route with { Metadata = new Dictionary<string, string>(route.Metadata ?? new Dictionary<string, string>()) { [RoutePolicy.LimitsKey] = string.Join('\n', policy.Limits) } })
            : new(route);
}
