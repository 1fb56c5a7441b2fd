using OrgGateway.Identities;
using OrgGateway.Orgs;

namespace OrgGateway.Sessions;

/// <summary>A session in this process: the record, and what requests need of it worked out once. Immutable but for its end.</summary>
public sealed class Session
{
    private volatile bool _ended;

    public Session(SessionId id, SessionRecord record, OrganizationCatalog catalog)
    {
        (Id, Record, Catalog) = (id, record, catalog);
        var configured = catalog.MembershipsOf(record.Subject, record.EmailVerified ? record.Email : null)
            .Where(m => !record.Withdrawn.Contains(m.OrgId, StringComparer.Ordinal));
        Identity = new()
        {
            Kind = IdentityKind.User,
            Issuer = record.Issuer,
            Subject = record.Subject,
            Email = record.Email,
            EmailVerified = record.EmailVerified,
            Name = record.Name,
            AuthenticatedAt = record.AuthenticatedAt,
            Acr = record.Acr,
            Organizations = SubjectOrganizations.Resolve(record.Provider, record.Memberships.Concat(configured), catalog),
        };
        BearerValue = "Bearer " + record.AccessToken;
    }

    public SessionId Id { get; }
    public SessionRecord Record { get; }

    /// <summary>The configuration the organizations were resolved with; another one in force makes this copy stale.</summary>
    public OrganizationCatalog Catalog { get; }

    public Identity Identity { get; }
    public SubjectOrganizations Organizations => Identity.Organizations;

    /// <summary>Value of Authorization for the user's token.</summary>
    public string BearerValue { get; }

    /// <summary>Revocation wins over any reference still held, a copy about to be stored included (T55).</summary>
    public bool Ended => _ended;

    internal void End() => _ended = true;
}
