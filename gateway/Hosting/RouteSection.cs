using System.Diagnostics.CodeAnalysis;
using OrgGateway.Configuration;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms.Builder;

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
        ProxyNames.Check(section, faults);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddReverseProxy().LoadFromConfig(section);
        using var provider = services.BuildServiceProvider();
        if (TryRead(provider, out var configured, out var why))
        {
            Validate(provider.GetRequiredService<IConfigValidator>(), provider.GetRequiredService<ITransformBuilder>(), configured, faults);
            RouteConflicts.Check(configured.Routes, faults);
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

    private static void Validate(IConfigValidator validator, ITransformBuilder transforms, IProxyConfig configured, Faults faults)
    {
        foreach (var route in configured.Routes)
        {
            if (Report($"ReverseProxy:Routes:{route.RouteId}", validator.ValidateRouteAsync(route), faults))
                Build(transforms, route, configured, faults);
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
    /// <returns>Whether nothing is wrong.</returns>
    private static bool Report(string setting, ValueTask<IList<Exception>> validation, Faults faults)
    {
        var found = validation.AsTask().GetAwaiter().GetResult();
        foreach (var exception in found)
            faults.Add(setting, exception.Message);
        return found.Count == 0;
    }

    // Some transforms pass YARP's validators and cannot be made all the same, such as one of a header without a name or of a path
    // that is no pattern. Whatever it is that they throw, it is of what was written there.
    private static void Build(ITransformBuilder transforms, RouteConfig route, IProxyConfig configured, Faults faults)
    {
        try
        {
            transforms.Build(route, configured.Clusters.FirstOrDefault(cluster => cluster.ClusterId.Equals(route.ClusterId, StringComparison.OrdinalIgnoreCase)));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            faults.Add($"ReverseProxy:Routes:{route.RouteId}:Transforms", exception.Message);
        }
    }
}
