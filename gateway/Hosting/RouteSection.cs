using System.Diagnostics.CodeAnalysis;
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
        if (TryRead(provider, out var configured, out var why))
        {
            Validate(provider.GetRequiredService<IConfigValidator>(), configured, faults);
            return configured.Routes;
        }
        faults.Add(Culprit(section) ?? section.Path, why);
        return [];
    }

    private static bool TryRead(ServiceProvider provider, [NotNullWhen(true)] out IProxyConfig? configured, out string why)
    {
        (configured, why) = (null, "");
        try
        {
            configured = provider.GetRequiredService<IProxyConfigProvider>().GetConfig();
            return true;
        }
        // What YARP's reader throws at a value that is none: of a number too large for its kind an OverflowException.
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException or OverflowException)
        {
            why = exception.Message;
            return false;
        }
    }

    /// <summary>YARP's reader stops at the first value it cannot read and does not say where: the route or cluster that cannot be read alone is the one.</summary>
    private static string? Culprit(IConfigurationSection section)
    {
        foreach (var entry in section.GetChildren().Where(c => c.Key is "Routes" or "Clusters").SelectMany(c => c.GetChildren()))
        {
            var alone = new ConfigurationBuilder().AddInMemoryCollection(entry.AsEnumerable()).Build();
            var services = new ServiceCollection();
            services.AddLogging();
            services.AddReverseProxy().LoadFromConfig(alone.GetSection(section.Path));
            using var provider = services.BuildServiceProvider();
            if (!TryRead(provider, out _, out _))
                return entry.Path;
        }
        return null;
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
