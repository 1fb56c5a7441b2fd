using System.Reflection;
using OrgGateway.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace OrgGateway.Hosting;

/// <summary>
/// Names that YARP does not know, at every depth of a route's <c>Match</c> and of a cluster: its reader ignores them, and a route whose
/// <c>Mehtods</c> nobody reads takes every method.
/// </summary>
internal static class ProxyNames
{
    public static void Check(IConfigurationSection section, Faults faults)
    {
        foreach (var route in section.GetSection("Routes").GetChildren())
            Check(route.GetSection(nameof(RouteConfig.Match)), typeof(RouteMatch), faults);
        foreach (var cluster in section.GetSection("Clusters").GetChildren())
            Check(cluster, typeof(ClusterConfig), faults);
    }

    private static void Check(IConfigurationSection section, Type type, Faults faults)
    {
        var known = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).ToArray();
        foreach (var child in section.GetChildren())
        {
            if (Array.Find(known, p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is not { } property)
                faults.Add(child.Path, ShapeCheck.Unknown(child.Key, [.. known.Select(p => p.Name)]));
            else if (IsYarps(property.PropertyType))
                Check(child, property.PropertyType, faults);
            else if (property.PropertyType.GenericTypeArguments is { Length: > 0 } arguments && IsYarps(arguments[^1]))
                foreach (var element in child.GetChildren())
                    Check(element, arguments[^1], faults);
        }
    }

    private static bool IsYarps(Type type) => type.IsClass && type.Namespace?.StartsWith("Yarp.", StringComparison.Ordinal) == true;
}
