using OrgGateway.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace OrgGateway.Hosting;

/// <summary>Reads of each route what its policy needs; the rest of the section is YARP's own to read and check.</summary>
public static class RouteSection
{
    private static readonly string[] Routes = ["ClusterId", "Order", "Match", "Metadata", "Transforms", "AuthorizationPolicy", "RateLimiterPolicy", "OutputCachePolicy", "TimeoutPolicy", "Timeout", "CorsPolicy", "MaxRequestBodySize"];

    public static IReadOnlyList<RouteConfig> Read(IConfigurationSection section, Faults faults)
    {
        foreach (var child in section.GetChildren().Where(c => c.Key is not ("Routes" or "Clusters")))
            faults.Add(child.Path, ShapeCheck.Unknown(child.Key, ["Routes", "Clusters"]));
        return [.. section.GetSection("Routes").GetChildren().Select(route => ReadRoute(route, faults))];
    }

    private static RouteConfig ReadRoute(IConfigurationSection route, Faults faults)
    {
        foreach (var child in route.GetChildren().Where(c => !Routes.Contains(c.Key, StringComparer.OrdinalIgnoreCase)))
            faults.Add(child.Path, ShapeCheck.Unknown(child.Key, Routes));
        var path = route["Match:Path"];
        if (path is null && !route.GetSection("Match:Hosts").Exists())
            faults.Add(route.Path + ":Match", "missing; a Path such as /orgs/{org}/{**rest}");
        return new RouteConfig
        {
            RouteId = route.Key,
            ClusterId = route["ClusterId"],
            Match = new RouteMatch { Path = path },
            Metadata = route.GetSection("Metadata").GetChildren().ToDictionary(m => m.Key, m => m.Value ?? "", StringComparer.OrdinalIgnoreCase),
        };
    }
}
