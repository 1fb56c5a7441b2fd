using OrgGateway.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace OrgGateway.Hosting;

/// <summary>Reads and judges the section <c>ReverseProxy</c> with YARP's own reader and validators, before anything runs on it.</summary>
public static class RouteSection
{
    private static readonly string[] RouteKeys =
        ["ClusterId", "Order", "Match", "Metadata", "Transforms", "AuthorizationPolicy", "RateLimiterPolicy", "OutputCachePolicy", "TimeoutPolicy", "Timeout", "CorsPolicy", "MaxRequestBodySize"];

    public static IReadOnlyList<RouteConfig> Read(IConfigurationSection section, Faults faults)
    {
        foreach (var child in section.GetChildren().Where(c => c.Key is not ("Routes" or "Clusters")))
            faults.Add(child.Path, ShapeCheck.Unknown(child.Key, ["Routes", "Clusters"]));
        foreach (var child in section.GetSection("Routes").GetChildren().SelectMany(r => r.GetChildren()).Where(c => !RouteKeys.Contains(c.Key, StringComparer.OrdinalIgnoreCase)))
            faults.Add(child.Path, ShapeCheck.Unknown(child.Key, RouteKeys));
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddReverseProxy().LoadFromConfig(section);
        using var provider = services.BuildServiceProvider();
        try
        {
            var configured = provider.GetRequiredService<IProxyConfigProvider>().GetConfig();
            Validate(provider.GetRequiredService<IConfigValidator>(), configured, faults);
            return configured.Routes;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException)
        {
            faults.Add(section.Path, exception.Message);
            return [];
        }
    }

    private static void Validate(IConfigValidator validator, IProxyConfig configured, Faults faults)
    {
        foreach (var route in configured.Routes)
        {
            Report($"ReverseProxy:Routes:{route.RouteId}", validator.ValidateRouteAsync(route), faults);
            if (route.ClusterId is null || configured.Clusters.All(c => !c.ClusterId.Equals(route.ClusterId, StringComparison.OrdinalIgnoreCase)))
                faults.Add($"ReverseProxy:Routes:{route.RouteId}:ClusterId", $"'{route.ClusterId}' is not under ReverseProxy:Clusters");
        }
        foreach (var cluster in configured.Clusters)
        {
            Report($"ReverseProxy:Clusters:{cluster.ClusterId}", validator.ValidateClusterAsync(cluster), faults);
            if (cluster.Destinations is not { Count: > 0 })
                faults.Add($"ReverseProxy:Clusters:{cluster.ClusterId}:Destinations", "missing; at least one with an Address");
            foreach (var (name, destination) in cluster.Destinations ?? new Dictionary<string, DestinationConfig>())
                if (!Uri.TryCreate(destination.Address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                    faults.Add($"ReverseProxy:Clusters:{cluster.ClusterId}:Destinations:{name}:Address", $"'{destination.Address}' is not an http or https URL");
        }
    }

    // YARP's validators of configuration finish at once; the interface is asynchronous for others' sake.
    private static void Report(string setting, ValueTask<IList<Exception>> validation, Faults faults)
    {
        foreach (var exception in validation.AsTask().GetAwaiter().GetResult())
            faults.Add(setting, exception.Message);
    }
}
