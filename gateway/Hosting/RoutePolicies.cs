using OrgGateway.Proxy;
using Yarp.ReverseProxy.Configuration;

namespace OrgGateway.Hosting;

/// <summary>Gives every endpoint that YARP builds its policy, once per load.</summary>
public static class RoutePolicies
{
    public static Action<IEndpointConventionBuilder, RouteConfig> Attach(CurrentPolicies policies) => (endpoint, route) =>
    {
        if (policies.Value.TryGetValue(route.RouteId, out var policy))
            endpoint.WithMetadata(policy, new RouteMeasure(policy.RouteId));
    };
}
