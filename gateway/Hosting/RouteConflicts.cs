using Microsoft.AspNetCore.Routing.Patterns;
using OrgGateway.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace OrgGateway.Hosting;

/// <summary>
/// Two routes that ask for the same, neither before the other: routing takes neither, and every request that meets both fails. Compared is
/// what stands there, parameters whatever their names are; where one asks for more than the other (methods, hosts, headers, query) it wins.
/// </summary>
internal static class RouteConflicts
{
    public static void Check(IEnumerable<RouteConfig> routes, Faults faults)
    {
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var route in routes)
        {
            if (Asked(route) is { } asked && asked.Select(key => taken.TryAdd(key, route.RouteId) ? null : taken[key]).FirstOrDefault(other => other is not null && other != route.RouteId) is { } first)
                faults.Add($"ReverseProxy:Routes:{route.RouteId}:Match", $"asks for the same as route '{first}', and no request could be told apart: give one of them an Order, or another Path, Methods or Hosts");
        }
    }

    // One key for each method and host that it names, so that ten thousand routes of as many hosts are not compared in pairs.
    private static IEnumerable<string>? Asked(RouteConfig route)
    {
        var match = route.Match;
        if (Shape(match.Path) is not { } shape)
            return null; // no pattern: a fault of its own
        // A name that is missing is a fault of its own too: null here, whatever the types say.
        var rest = string.Join(';', (match.Headers ?? []).Select(h => $"{h.Name?.ToUpperInvariant()} {h.Mode} {h.IsCaseSensitive} {string.Join(',', h.Values ?? [])}"))
            + "?" + string.Join(';', (match.QueryParameters ?? []).Select(q => $"{q.Name?.ToUpperInvariant()} {q.Mode} {q.IsCaseSensitive} {string.Join(',', q.Values ?? [])}"));
        return from method in match.Methods is { Count: > 0 } methods ? methods : [""]
               from host in match.Hosts is { Count: > 0 } hosts ? hosts : [""]
               select $"{route.Order ?? 0} {method?.ToUpperInvariant()} {host?.ToUpperInvariant()} {shape} {rest}";
    }

    private static string? Shape(string? path)
    {
        try
        {
            // YARP's own for a route without a path.
            var pattern = RoutePatternFactory.Parse(string.IsNullOrEmpty(path) ? "/{**catchall}" : path);
            return string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
            {
                RoutePatternLiteralPart literal => literal.Content.ToUpperInvariant(),
                RoutePatternSeparatorPart separator => separator.Content,
                RoutePatternParameterPart parameter => $"{{{parameter.ParameterKind}{string.Join("", parameter.ParameterPolicies.Select(p => ":" + p.Content))}}}",
                _ => "",
            }))));
        }
        catch (RoutePatternException)
        {
            return null;
        }
    }
}
