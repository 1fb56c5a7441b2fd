using Microsoft.AspNetCore.Routing.Patterns;
using OrgGateway.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace OrgGateway.Hosting;

/// <summary>Routes between which no rule chooses: routing throws at each request of theirs, and whoever wrote them learns of it from 500s.</summary>
public static class RouteOverlap
{
    public static void Check(IReadOnlyList<RouteConfig> routes, Faults faults)
    {
        foreach (var alike in routes.Where(r => r.Match is { Path: not null, Headers: null or { Count: 0 }, QueryParameters: null or { Count: 0 } }).GroupBy(r => (r.Order ?? 0, ShapeOf(r.Match.Path!))))
        {
            var earlier = new List<RouteConfig>();
            foreach (var route in alike)
            {
                if (earlier.Find(other => Meet(other.Match.Hosts, route.Match.Hosts) && Meet(other.Match.Methods, route.Match.Methods)) is { } other)
                    faults.Warn($"ReverseProxy:Routes:{route.RouteId}:Match", $"matches the same requests as route '{other.RouteId}', and both answer 500 where they do; leave one out, or give the one to prefer the lower Order");
                earlier.Add(route);
            }
        }
    }

    // Names and case of parameters make no difference to which requests match; constraints do.
    private static string ShapeOf(string path)
    {
        try
        {
            return string.Join('/', RoutePatternFactory.Parse(path).PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
            {
                RoutePatternParameterPart parameter => $"{{{(parameter.IsCatchAll ? "*" : "")}{string.Concat(parameter.ParameterPolicies.Select(policy => ":" + policy.Content))}}}",
                RoutePatternLiteralPart literal => literal.Content.ToLowerInvariant(),
                RoutePatternSeparatorPart separator => separator.Content,
                _ => "",
            }))));
        }
        catch (RoutePatternException)
        {
            return path; // a fault of YARP's own
        }
    }

    // A route that names hosts or methods goes before one that does not.
    private static bool Meet(IReadOnlyList<string>? one, IReadOnlyList<string>? other) =>
        (one ?? []).Count == 0 ? (other ?? []).Count == 0 : one!.Intersect(other ?? [], StringComparer.OrdinalIgnoreCase).Any();
}
