using OrgGateway.Access;
using OrgGateway.Identities;
using OrgGateway.Oidc;
using OrgGateway.Orgs;

namespace OrgGateway.Explain;

/// <summary>What is known of a subject: a living session's record where there is one, else what the configuration says of them.</summary>
public sealed class KnownSubjects(CurrentCatalog catalog, IdentityProviders providers) : IExplainedSubjects
{
    public ValueTask<ExplainedSubject> FindAsync(string user, CancellationToken cancellationToken)
    {
        var current = catalog.Value;
        var provider = providers.Default;
        var organizations = SubjectOrganizations.Resolve(provider.Name, current.MembershipsOf(user, user.Contains('@', StringComparison.Ordinal) ? user : null), current);
        var identity = new Identity { Kind = IdentityKind.User, Issuer = provider.Issuer, Subject = user, Organizations = organizations };
        return new(new ExplainedSubject(new Caller(identity, null), organizations.All.Count > 0 ? "configuration" : "unknown"));
    }
}
