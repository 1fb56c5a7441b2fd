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
        return look.IsCompletedSuccessfully ? new(Judge(subject, member, name!, look.Result)) : AwaitAsync(look, subject, member, name!);
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
        Judge(subject, member, name, await look);

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
