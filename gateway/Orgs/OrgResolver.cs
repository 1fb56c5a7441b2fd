namespace OrgGateway.Orgs;

/// <summary>
/// Tells which organization a URL names, for one caller: what the configuration says first, then what verified claims say, then
/// the directory. Slug and id lead to one organization, and no name ever leads to another one than it led to before.
/// </summary>
public sealed class OrgResolver(CurrentCatalog catalog, OrganizationDirectory directory)
{
    /// <param name="subject">The caller's organizations; null for nobody.</param>
    /// <param name="name">The decoded <c>{org}</c> or host label; null or empty where the URL has none.</param>
    /// <returns>Done at once when warm.</returns>
    public ValueTask<OrgResolution> ResolveAsync(SubjectOrganizations? subject, string? name, CancellationToken cancellationToken)
    {
        if (ByGrammar(name) is { Match: not OrgMatch.Stranger } unfit)
            return new(unfit);
        var member = subject?.Find(name!);
        if (member is { IsConfigured: true })
            return new(OrgResolution.Of(member));
        var current = catalog.Value;
        if (current.Find(name!) is { } configured)
            return new(new OrgResolution(OrgMatch.Stranger, null, configured.Id)); // configured and not the caller's
        if (current.FindByFormerSlug(name!) is { } renamed)
            return new(Moved(subject, renamed.Id));
        if (!directory.IsUsed)
            return new(member is null || !directory.TrustsClaims ? new OrgResolution(OrgMatch.Stranger) : OrgResolution.Of(member));
        var look = directory.FindAsync(name!, cancellationToken);
        return look.IsCompletedSuccessfully ? WithOwnSlugAsync(subject, Judge(subject, member, name!, look.Result), name!) : AwaitAsync(look, subject, member, name!);
    }

    /// <summary>
    /// As <see cref="ResolveAsync"/>, for an answer that a stranger gets: a configured organization is looked up as one that nobody knows
    /// would be, so that neither time nor status tells the two apart (T118). Members notice nothing.
    /// </summary>
    /// <inheritdoc cref="ResolveAsync"/>
    public ValueTask<OrgResolution> ResolveEvenlyAsync(SubjectOrganizations? subject, string? name, CancellationToken cancellationToken)
    {
        var resolving = ResolveAsync(subject, name, cancellationToken);
        if (subject is null || !directory.IsUsed || !resolving.IsCompletedSuccessfully)
            return resolving;
        var resolved = resolving.Result;
        return resolved is { Match: OrgMatch.Stranger, OrgId: not null } ? LookAsWellAsync(resolved, name!, cancellationToken) : new(resolved);
    }

    /// <summary>As far as the name itself says: for callers who are nobody and need not learn more, nor cost a look-up.</summary>
    public static OrgResolution ByGrammar(string? name) =>
        new(string.IsNullOrEmpty(name) ? OrgMatch.Unnamed : OrgSegment.IsValid(name) ? OrgMatch.Stranger : OrgMatch.Invalid);

    private async ValueTask<OrgResolution> LookAsWellAsync(OrgResolution stranger, string name, CancellationToken cancellationToken) =>
        (await directory.FindAsync(name, cancellationToken)).IsAvailable ? stranger : new(OrgMatch.Unavailable);

    private async ValueTask<OrgResolution> AwaitAsync(ValueTask<DirectoryAnswer> look, SubjectOrganizations? subject, SubjectOrganization? member, string name) =>
        await WithOwnSlugAsync(subject, Judge(subject, member, name, await look), name);

    // Asked for by id, nobody has looked yet whose the slug of the claims is; an upstream that tells organizations apart by slug must not
    // be told another's (T75).
    private ValueTask<OrgResolution> WithOwnSlugAsync(SubjectOrganizations? subject, OrgResolution resolved, string name)
    {
        if (resolved is not { Match: OrgMatch.Member, Organization: { IsConfigured: false } organization } || name != organization.Id || name == organization.Slug)
            return new(resolved);
        var look = directory.FindAsync(organization.Slug, CancellationToken.None);
        return look.IsCompletedSuccessfully ? new(WithSlugOf(subject!, resolved, organization, look.Result)) : AwaitSlugAsync(look, subject!, resolved, organization);
    }

    private async ValueTask<OrgResolution> AwaitSlugAsync(ValueTask<DirectoryAnswer> look, SubjectOrganizations subject, OrgResolution resolved, SubjectOrganization organization) =>
        WithSlugOf(subject, resolved, organization, await look);

    private OrgResolution WithSlugOf(SubjectOrganizations subject, OrgResolution resolved, SubjectOrganization organization, DirectoryAnswer slug)
    {
        if (!slug.IsAvailable)
            return new(OrgMatch.Unavailable);
        if (slug.Entry is null)
            directory.Learn(organization.Slug, organization.Id);
        return slug.Entry is null || slug.Entry.Id == organization.Id ? resolved : OrgResolution.Of(subject.Named(organization, new DirectoryEntry(organization.Id, organization.Id)));
    }

    private OrgResolution Judge(SubjectOrganizations? subject, SubjectOrganization? member, string name, DirectoryAnswer answer)
    {
        if (answer.Entry is { } entry)
        {
            // Whoever the directory knows under this name is meant, whatever a caller's claims call it (T75).
            if (subject?.FindById(entry.Id) is not { } known)
                return new(OrgMatch.Stranger, null, entry.Id);
            var named = subject.Named(known, entry);
            return name == named.Slug || name == named.Id ? OrgResolution.Of(named) : new(OrgMatch.Moved, named, named.Id);
        }
        if (!answer.IsAvailable)
            return new(OrgMatch.Unavailable);
        if (member is null || !directory.TrustsClaims)
            return new(OrgMatch.Stranger);
        if (name != member.Id)
            directory.Learn(name, member.Id);
        return OrgResolution.Of(member);
    }

    private static OrgResolution Moved(SubjectOrganizations? subject, string id) =>
        subject?.FindById(id) is { } organization ? new(OrgMatch.Moved, organization, id) : new(OrgMatch.Stranger, null, id);
}
