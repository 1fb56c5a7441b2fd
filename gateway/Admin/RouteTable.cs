using OrgGateway.Access;
using Yarp.ReverseProxy;

namespace OrgGateway.Admin;

/// <summary>A route in force: what it matches, where it leads, and its policy as it works out.</summary>
public sealed record RouteView(
    string Id, string? Path, IReadOnlyList<string>? Hosts, IReadOnlyList<string>? Methods, string Cluster, string Access, string Token, string WebSocket,
    IReadOnlyList<string> Roles, IReadOnlyList<string> Permissions, bool ReportOnly, IReadOnlyDictionary<string, string> Metadata);

/// <summary>The routes of the configuration in force, in the order of their ids.</summary>
public sealed class RouteTable(IProxyStateLookup proxy, Func<string, RoutePolicy?> policyOf)
{
    public IReadOnlyList<RouteView> All() => [.. from route in proxy.GetRoutes()
        let config = route.Config
        let policy = policyOf(config.RouteId)
        where policy is not null
        orderby config.RouteId
        select new RouteView(
            config.RouteId, config.Match.Path, config.Match.Hosts, config.Match.Methods, policy.ClusterId,
            policy.Static ? "static" : policy.Access.ToString().ToLowerInvariant(), policy.Token.ToString(), policy.WebSocket.ToString().ToLowerInvariant(),
            policy.Roles, policy.Permissions, policy.ReportOnly, (config.Metadata ?? new Dictionary<string, string>()).Where(m => m.Key != RoutePolicy.LimitsKey).ToDictionary())];
}
