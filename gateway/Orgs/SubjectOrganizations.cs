using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace OrgGateway.Orgs;

/// <summary>
/// The organizations one subject may enter, resolved once per session copy: a URL segment, slug or id, leads to one
/// organization or to none. There is no active one among them.
/// </summary>
public sealed class SubjectOrganizations
{
    public static readonly SubjectOrganizations None = new([]);
    private readonly FrozenDictionary<string, SubjectOrganization> _byId;
    private readonly FrozenDictionary<string, SubjectOrganization> _bySegment;
    private ConcurrentDictionary<DirectoryEntry, SubjectOrganization>? _named;

    private SubjectOrganizations(List<SubjectOrganization> all)
    {
        All = all;
        _byId = all.ToFrozenDictionary(o => o.Id, StringComparer.Ordinal);
        var bySegment = new Dictionary<string, SubjectOrganization>(_byId, StringComparer.Ordinal);
        // A slug that is another one's id, or the slug of two, names neither: claims could otherwise lead one link to two places.
        foreach (var slug in all.Where(o => o.Slug != o.Id).GroupBy(o => o.Slug, StringComparer.Ordinal))
            if (slug.Count() == 1)
                bySegment.TryAdd(slug.Key, slug.First());
        _bySegment = bySegment.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public IReadOnlyList<SubjectOrganization> All { get; }

    public SubjectOrganization? Find(string segment) => _bySegment.GetValueOrDefault(segment);

    public SubjectOrganization? FindById(string id) => _byId.GetValueOrDefault(id);

    /// <summary>An organization of the subject's under the names that the directory gives it; made once.</summary>
    public SubjectOrganization Named(SubjectOrganization organization, DirectoryEntry entry) =>
        organization.IsConfigured || entry.Slug is null || (entry.Slug == organization.Slug && (entry.Name ?? organization.Name) == organization.Name)
            ? organization
            : LazyInitializer.EnsureInitialized(ref _named).GetOrAdd(
                entry, static (e, o) => new(o.Id, e.Slug!, e.Name ?? o.Name, o.Roles, o.Permissions), organization);

    /// <returns>Itself where every organization stays.</returns>
    public SubjectOrganizations Where(Func<SubjectOrganization, bool> stays) => All.All(stays) ? this : new([.. All.Where(stays)]);

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
                ? new(place.Id, place.Slug, place.Name, known.Roles.Concat(roles), known.Permissions.Concat(permissions), place.IsConfigured)
                : new(place.Id, place.Slug, place.Name, roles, permissions, place.IsConfigured);
        }
        return all.Count == 0 ? None : new([.. all.Values]);
    }

    private static (string Id, string Slug, string Name, bool IsConfigured)? Place(string provider, Membership membership, OrganizationCatalog catalog)
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
            return (configured.HasOwnId ? configured.Id : membership.OrgId, configured.Slug, configured.Name, true);

        // Known from claims alone. A slug that the configuration gave to another organization is not taken over (T75).
        var slug = OrgSegment.IsValid(membership.Slug) && catalog.Find(membership.Slug!) is null && catalog.FindByFormerSlug(membership.Slug!) is null ? membership.Slug! : membership.OrgId;
        return OrgSegment.IsValid(membership.OrgId) ? (membership.OrgId, slug, membership.Name ?? slug, false) : null;
    }
}
