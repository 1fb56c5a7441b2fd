using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace OrgGateway.Orgs;

/// <summary>One organization as one subject may act in it; roles and permissions are of this organization only (G3).</summary>
public sealed class SubjectOrganization
{
    private ConcurrentDictionary<object, object>? _derived;
    private readonly FrozenSet<string> _roles;
    private readonly FrozenSet<string> _permissions;

    public SubjectOrganization(string id, string slug, string name, IEnumerable<string> roles, IEnumerable<string> permissions, bool isConfigured = false)
    {
        (Id, Slug, Name, IsConfigured) = (id, slug, name, isConfigured);
        Roles = [.. roles.Distinct(StringComparer.Ordinal)];
        Permissions = [.. permissions.Distinct(StringComparer.Ordinal)];
        _roles = Roles.ToFrozenSet(StringComparer.Ordinal);
        _permissions = Permissions.ToFrozenSet(StringComparer.Ordinal);
    }

    public string Id { get; }
    public string Slug { get; }
    public string Name { get; }

    /// <summary>Its names come from <c>Gateway:Organizations</c>, which nobody's claims can take over.</summary>
    public bool IsConfigured { get; }

    public IReadOnlyList<string> Roles { get; }
    public IReadOnlyList<string> Permissions { get; }

    /// <summary>What another capability works out for this subject here, by the object it is worked out for; dies with the session's copy.</summary>
    public ConcurrentDictionary<object, object> Derived => LazyInitializer.EnsureInitialized(ref _derived);

    public bool Has(string role) => _roles.Contains(role);
    public bool May(string permission) => _permissions.Contains(permission);
}
