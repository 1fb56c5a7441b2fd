using System.Collections.Frozen;

namespace OrgGateway.Orgs;

/// <summary>
/// The organizations one subject may enter, resolved once per session copy: a URL segment, slug or id, leads to one
/// organization or to none. There is no active one among them.
/// </summary>
public sealed class SubjectOrganizations
{
    public static readonly SubjectOrganizations None = new([]);
    private readonly FrozenDictionary<string, SubjectOrganization> _bySegment;

    private SubjectOrganizations(List<SubjectOrganization> all)
    {
        All = all;
        var bySegment = new Dictionary<string, SubjectOrganization>(StringComparer.Ordinal);
        foreach (var organization in all)
            bySegment.TryAdd(organization.Id, organization);
        foreach (var organization in all)
            bySegment[organization.Slug] = organization;
        _bySegment = bySegment.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public IReadOnlyList<SubjectOrganization> All { get; }

    public SubjectOrganization? Find(string segment) => _bySegment.GetValueOrDefault(segment);

    /// <param name="provider">Name of the provider that vouched for the subject.</param>
    public static SubjectOrganizations Resolve(string provider, IEnumerable<Membership> memberships, OrganizationCatalog catalog)
    {
        var all = new Dictionary<string, SubjectOrganization>(StringComparer.Ordinal);
        foreach (var membership in memberships)
        {
            if (Place(provider, membership, catalog) is not { } place)
                continue;
            var roles = membership.Roles;
            var permissions = membership.Permissions.Concat(roles.SelectMany(catalog.PermissionsOf));
            all[place.Id] = all.TryGetValue(place.Id, out var known)
                ? new(place.Id, place.Slug, place.Name, known.Roles.Concat(roles), known.Permissions.Concat(permissions))
                : new(place.Id, place.Slug, place.Name, roles, permissions);
        }
        return all.Count == 0 ? None : new([.. all.Values]);
    }

    private static (string Id, string Slug, string Name)? Place(string provider, Membership membership, OrganizationCatalog catalog)
    {
        var configured = catalog.Find(membership.OrgId);
        if (membership.IsAlias && configured is not null && configured.Slug != membership.OrgId)
            return null; // an alias that is another organization's id
        if (!membership.IsAlias && configured is not null && configured.HasOwnId && configured.Id != membership.OrgId)
            return null; // a claimed id that is another organization's slug: never that organization (T62)
        if (configured is null && membership.Slug is not null && catalog.Find(membership.Slug) is { HasOwnId: false } bySlug)
            configured = bySlug;

        // One provider's word counts for its own organizations only, else any of several could hand out the others' (T130).
        if ((configured?.IdentityProvider ?? catalog.DefaultProvider) != provider)
            return null;
        if (configured is not null)
            return (configured.HasOwnId ? configured.Id : membership.OrgId, configured.Slug, configured.Name);

        // Known from claims alone. A slug that the configuration gave to another organization is not taken over (T75).
        var slug = OrgSegment.IsValid(membership.Slug) && catalog.Find(membership.Slug!) is null ? membership.Slug! : membership.OrgId;
        return OrgSegment.IsValid(membership.OrgId) ? (membership.OrgId, slug, membership.Name ?? slug) : null;
    }
}
