using OrgGateway.Access;
using OrgGateway.Identities;
using OrgGateway.Oidc;
using OrgGateway.Orgs;
using OrgGateway.Sessions;

namespace OrgGateway.Explain;

/// <summary>What is known of a subject: a living session's record where there is one, else what the configuration says of them.</summary>
public sealed class KnownSubjects(CurrentCatalog catalog, IdentityProviders providers, SessionListing listing, SessionStore sessions) : IExplainedSubjects
{
    public async ValueTask<ExplainedSubject> FindAsync(string user, CancellationToken cancellationToken)
    {
        foreach (var provider in providers.All)
            if (await SessionAsync(provider.Issuer, user, cancellationToken) is { } session)
                return new(Caller.Of(session), "session");
        return OfConfiguration(user);
    }

    private async Task<Session?> SessionAsync(string issuer, string user, CancellationToken cancellationToken)
    {
        var subjects = user.Contains('@', StringComparison.Ordinal) ? await listing.SubjectsOfEmailAsync(issuer, user, cancellationToken) ?? [] : [user];
        foreach (var subject in subjects)
            if (await listing.OfSubjectAsync(issuer, subject, 0, 1, cancellationToken) is { Sessions: [var latest, ..] } && SessionId.TryParse(latest.Id, out var id)
                && (await sessions.FindAsync(id, cancellationToken)).Session is { } session)
                return session;
        return null;
    }

    private ExplainedSubject OfConfiguration(string user)
    {
        var current = catalog.Value;
        var provider = providers.Default;
        var organizations = SubjectOrganizations.Resolve(provider?.Name ?? "", current.MembershipsOf(user, user.Contains('@', StringComparison.Ordinal) ? user : null), current);
        var identity = new Identity { Kind = IdentityKind.User, Issuer = provider?.Issuer ?? "", Subject = user, Organizations = organizations };
        return new(new Caller(identity, null), organizations.All.Count > 0 ? "configuration" : "unknown");
    }
}
