using OrgGateway.Orgs;

namespace OrgGateway.Access;

/// <summary>Reads from a request the name of its organization, where the route's policy says it stands: never from a header, a cookie or a body.</summary>
public static class OrgName
{
    public static string? Of(RoutePolicy policy, HttpRequest request, OrganizationCatalog catalog) => policy.Org switch
    {
        OrgSource.Path => policy.OrgSegment is null ? null : request.RouteValues["org"] as string,
        OrgSource.Host => OfHost(policy, request.Host.Host, catalog),
        _ => null,
    };

    private static string? OfHost(RoutePolicy policy, string host, OrganizationCatalog catalog)
    {
        if (catalog.FindByHost(host) is { } organization)
            return organization.Slug;
        foreach (var suffix in policy.HostSuffixes)
            // One label: the owner of a.b.example.com need not be b's.
            if (host.Length > suffix.Length && host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) && host.IndexOf('.', StringComparison.Ordinal) == host.Length - suffix.Length)
                return host[..^suffix.Length].ToLowerInvariant();
        return null;
    }
}
