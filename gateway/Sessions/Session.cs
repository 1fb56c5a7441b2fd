using System.Collections.Concurrent;
using OrgGateway.Orgs;

namespace OrgGateway.Sessions;

/// <summary>A session in this process: the record, and what requests need of it worked out once. Immutable but for its end.</summary>
public sealed class Session
{
    private ConcurrentDictionary<object, object>? _derived;
    private volatile bool _ended;

    public Session(SessionId id, SessionRecord record, OrganizationCatalog catalog)
    {
        (Id, Record, Catalog) = (id, record, catalog);
        var configured = catalog.MembershipsOf(record.Subject, record.EmailVerified ? record.Email : null);
        Organizations = SubjectOrganizations.Resolve(record.Provider, record.Memberships.Concat(configured), catalog);
        BearerValue = "Bearer " + record.AccessToken;
    }

    public SessionId Id { get; }
    public SessionRecord Record { get; }

    /// <summary>The configuration the organizations were resolved with; another one in force makes this copy stale.</summary>
    public OrganizationCatalog Catalog { get; }

    public SubjectOrganizations Organizations { get; }

    /// <summary>Value of Authorization for the user's token.</summary>
    public string BearerValue { get; }

    /// <summary>As <see cref="SubjectOrganization.Derived"/>, for routes without an organization.</summary>
    public ConcurrentDictionary<object, object> Derived => LazyInitializer.EnsureInitialized(ref _derived);

    /// <summary>Revocation wins over any reference still held, a copy about to be stored included (T55).</summary>
    public bool Ended => _ended;

    internal void End() => _ended = true;
}
