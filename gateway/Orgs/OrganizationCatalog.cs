using System.Collections.Frozen;

namespace OrgGateway.Orgs;

/// <summary>The organizations and roles of one configuration. Immutable: a reload makes another, and whoever holds one compares by reference.</summary>
public sealed class OrganizationCatalog
{
    private readonly FrozenDictionary<string, Organization> _byName;
    private readonly FrozenDictionary<string, Organization> _byFormerSlug;
    private readonly FrozenDictionary<string, Organization> _byHost;
    private readonly FrozenDictionary<string, Organization> _byEmailDomain;
    private readonly FrozenDictionary<string, FrozenSet<string>> _roles;

    public OrganizationCatalog(IReadOnlyDictionary<string, OrganizationOptions> organizations, IReadOnlyDictionary<string, List<string>> roles, string defaultProvider, OrganizationTokenOptions? defaultToken = null)
    {
        (DefaultProvider, DefaultToken) = (defaultProvider, defaultToken);
        All = [.. organizations.Select(o => new Organization(o.Key, o.Value, defaultToken))];
        HasSeveralProviders = All.Any(o => o.IdentityProvider is not null && o.IdentityProvider != defaultProvider);
        var byName = new Dictionary<string, Organization>(StringComparer.Ordinal);
        foreach (var organization in All)
            byName[organization.Id] = organization;
        // A slug wins over another organization's id of the same text; the configuration check refuses that case anyway.
        foreach (var organization in All)
            byName[organization.Slug] = organization;
        _byName = byName.ToFrozenDictionary(StringComparer.Ordinal);
        _byFormerSlug = All.SelectMany(o => o.FormerSlugs.Select(s => (s, o))).DistinctBy(f => f.s, StringComparer.Ordinal).ToFrozenDictionary(f => f.s, f => f.o, StringComparer.Ordinal);
        _byHost = All.SelectMany(o => o.Hosts.Select(h => (h, o))).DistinctBy(f => f.h, StringComparer.OrdinalIgnoreCase).ToFrozenDictionary(f => f.h, f => f.o, StringComparer.OrdinalIgnoreCase);
        _byEmailDomain = All.SelectMany(o => o.EmailDomains.Select(d => (d, o))).DistinctBy(f => f.d, StringComparer.OrdinalIgnoreCase).ToFrozenDictionary(f => f.d, f => f.o, StringComparer.OrdinalIgnoreCase);
        _roles = roles.ToFrozenDictionary(r => r.Key, r => r.Value.ToFrozenSet(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    public IReadOnlyList<Organization> All { get; }

    /// <summary>The provider that vouches for organizations that name none of their own.</summary>
    public string DefaultProvider { get; }

    /// <summary>The token source of every organization that has none of its own.</summary>
    public OrganizationTokenOptions? DefaultToken { get; }

    /// <summary>Some organization is of another provider than the default one.</summary>
    public bool HasSeveralProviders { get; }

    /// <returns>The provider that vouches for a configured organization; null for what is not configured.</returns>
    public string? ProviderOf(string? slugOrId) => slugOrId is not null && Find(slugOrId) is { } organization ? organization.IdentityProvider ?? DefaultProvider : null;

    /// <summary>By slug or id, case-sensitively.</summary>
    public Organization? Find(string slugOrId) => _byName.GetValueOrDefault(slugOrId);

    /// <summary>Whose token a caller's organization means: the configured one, or one of claims alone where the default serves all.</summary>
    /// <returns>Null where nobody has a source for it.</returns>
    public Organization? WithToken(SubjectOrganization claimed)
    {
        // One whose id is known from claims alone is found by its slug.
        if (claimed.IsConfigured)
            return (Find(claimed.Id) ?? Find(claimed.Slug)) is { Token: not null } configured ? configured : null;
        return DefaultToken is null ? null
            : (Organization)claimed.Derived.GetOrAdd(this, static (catalog, of) => Organization.OfClaims(of, ((OrganizationCatalog)catalog).DefaultToken!), claimed);
    }

    public Organization? FindByFormerSlug(string slug) => _byFormerSlug.GetValueOrDefault(slug);

    /// <param name="host">Without port, as the request names it.</param>
    public Organization? FindByHost(string host) => _byHost.GetValueOrDefault(host);

    /// <param name="domain">Of <see cref="EmailDomain.Of"/>.</param>
    public Organization? FindByEmailDomain(string domain) => _byEmailDomain.GetValueOrDefault(domain);

    public bool HasHosts => _byHost.Count > 0;

    public bool KnowsRole(string role) => _roles.ContainsKey(role);

    /// <summary>Permissions of a role; a role that the configuration does not map grants nothing (G16).</summary>
    public IEnumerable<string> PermissionsOf(string role) => _roles.TryGetValue(role, out var permissions) ? permissions : [];

    /// <summary>Memberships that the configuration adds for this subject, or for its e-mail address where the provider vouches for it.</summary>
    public IEnumerable<Membership> MembershipsOf(string subject, string? verifiedEmail)
    {
        foreach (var organization in All)
        {
            if (organization.Members.Count == 0)
                continue;
            if (organization.Members.TryGetValue(subject, out var roles) || (verifiedEmail is not null && organization.Members.TryGetValue(verifiedEmail, out roles)))
                yield return new(organization.Id, organization.Slug, organization.Name, roles, []);
        }
    }
}
