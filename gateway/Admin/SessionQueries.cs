using OrgGateway.Bearer;
using OrgGateway.Oidc;
using OrgGateway.Orgs;
using OrgGateway.Revocation;
using OrgGateway.Sessions;

namespace OrgGateway.Admin;

/// <summary>Whose sessions an operator means, by the names operators use: subject or e-mail address, slug or id.</summary>
public sealed class SessionQueries(SessionListing listing, IdentityProviders providers, BearerTokens bearers, CurrentCatalog catalog)
{
    /// <returns>Null when it is not the id of a session, as listed.</returns>
    public static Revocation.Revocation? OfSession(string id) =>
        SessionId.TryParse(id, out _) ? new(RevocationScope.Session, RevocationReasons.Admin, Session: id) : null;

    /// <returns>Null when the store is unavailable.</returns>
    public async Task<SessionPage?> ReadAsync(string? issuer, string? user, string? org, int skip, int limit, CancellationToken cancellationToken)
    {
        if (user is null)
            return org is null ? await listing.AllAsync(skip, limit, cancellationToken) : await listing.OfOrganizationAsync(OrgId(org), skip, limit, cancellationToken);
        if (await SubjectAsync(issuer, user, cancellationToken) is not { } subject)
            return new([], null);
        var page = await listing.OfSubjectAsync(subject.Issuer, subject.Subject, skip, limit, cancellationToken);
        return page is null || org is null ? page : page with { Sessions = [.. page.Sessions.Where(s => s.Organizations.Any(o => o.Id == OrgId(org)))] };
    }

    /// <returns>Null when nobody was named, or nobody of that name is known.</returns>
    public async Task<Revocation.Revocation?> ScopeAsync(string? issuer, string? user, string? org, CancellationToken cancellationToken)
    {
        if (user is null)
            return org is null ? null : new(RevocationScope.Organization, RevocationReasons.Admin, OrgId: OrgId(org));
        return await SubjectAsync(issuer, user, cancellationToken) is not { } subject ? null
            : org is null ? new(RevocationScope.Subject, RevocationReasons.Admin, Issuer: subject.Issuer, Subject: subject.Subject)
            : new(RevocationScope.Membership, RevocationReasons.Admin, Issuer: subject.Issuer, Subject: subject.Subject, OrgId: OrgId(org));
    }

    /// <summary>A subject is one of an issuer, of people or of programs: the default provider's unless another is named.</summary>
    /// <returns>Null where the configuration has no such issuer.</returns>
    public string? IssuerOf(string? issuer) => issuer is null ? providers.Default?.Issuer : providers.All.FirstOrDefault(p => p.IsIssuer(issuer))?.Issuer ?? bearers.IssuerOf(issuer);

    // An e-mail address is looked up.
    private async Task<(string Issuer, string Subject)?> SubjectAsync(string? issuer, string user, CancellationToken cancellationToken)
    {
        if (IssuerOf(issuer) is not { } of)
            return null;
        if (!user.Contains('@', StringComparison.Ordinal))
            return (of, user);
        return await listing.SubjectsOfEmailAsync(of, user, cancellationToken) is { Count: > 0 } subjects ? (of, subjects[0]) : null;
    }

    private string OrgId(string org) => catalog.Value.Find(org)?.Id ?? org;
}
