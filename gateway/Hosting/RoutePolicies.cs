using OrgGateway.Proxy;
using Yarp.ReverseProxy.Configuration;

namespace OrgGateway.Hosting;

/// <summary>Gives every endpoint that YARP builds its policy, once per load.</summary>
public static class RoutePolicies
{
    public static Action<IEndpointConventionBuilder, RouteConfig> Attach(CurrentPolicies policies) => (endpoint, route) =>
    {
        if (!policies.Value.TryGetValue(route.RouteId, out var policy))
            return;
        endpoint.WithMetadata(policy, new RouteMeasure(policy.RouteId));
        // A route for some methods is still asked by OPTIONS whether other origins may use them.
        if (policy.Origins.Count > 0 && route.Match.Methods is { Count: > 0 } methods)
            endpoint.Add(built =>
            {
                foreach (var old in built.Metadata.OfType<Microsoft.AspNetCore.Routing.IHttpMethodMetadata>().ToArray())
                    built.Metadata.Remove(old);
                built.Metadata.Add(new Microsoft.AspNetCore.Routing.HttpMethodMetadata(methods, acceptCorsPreflight: true));
            });
    };
}
