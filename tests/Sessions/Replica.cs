using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Audit;
using OrgGateway.Orgs;
using OrgGateway.Revocation;
using OrgGateway.Sealing;
using OrgGateway.Sessions;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sessions;

/// <summary>Sessions as one gateway process has them, over a store that other replicas may share.</summary>
internal sealed class Replica : ISessionOrigins, IAsyncDisposable
{
    public static readonly SealingKey Key = new("k1", "a secret that replicas share");

    public Replica(IStore store, FakeClock clock, SealingKey[]? keys = null)
    {
        Store = new FaultyStore(store);
        var ring = new KeyRing(keys ?? [Key]);
        Directory = new SessionDirectory(Store, Options, clock);
        Revocations = new Revocations(Store, ring, [], clock, NullLogger<Revocations>.Instance);
        var unfinished = new UnfinishedRevocations(Catalog, clock, NullLogger<UnfinishedRevocations>.Instance);
        var audit = new AuditTrail([Audit], NullLogger<AuditTrail>.Instance);
        Sessions = new SessionStore(Store, ring, Options, Directory, unfinished, Revocations, audit, Catalog, this, clock, new SteadyClock(clock, NullLogger<SteadyClock>.Instance), Log);
        Revocation = new SessionRevocation(Sessions, Directory, new SessionAmendment(Sessions, Directory), Revocations, unfinished, Catalog, audit, NullLogger<SessionRevocation>.Instance);
        Listing = new SessionListing(Sessions, Directory, Catalog);
    }

    public SessionOptions Options { get; } = new();
    public FaultyStore Store { get; }
    public SessionStore Sessions { get; }
    public SessionDirectory Directory { get; }
    public SessionRevocation Revocation { get; }
    public SessionListing Listing { get; }
    public Revocations Revocations { get; }
    public RecordedAudit Audit { get; } = new();
    public CurrentCatalog Catalog { get; } = new(TestSessions.Catalog());
    public RecordedLog<SessionStore> Log { get; } = new();

    /// <summary>The only issuer whose sessions count here.</summary>
    public string Issuer { get; set; } = "https://idp.example.com";

    public bool Accepts(SessionRecord record) => record.Issuer == Issuer;

    /// <summary>Signs in, and looks the session up once, so that this replica has a copy.</summary>
    public async Task<SessionId> SignInAsync(FakeClock clock)
    {
        var (session, _) = (await Sessions.CreateAsync(TestSessions.Record(clock.UtcNow), default))!.Value;
        Assert.Equal(SessionStatus.Found, await StatusAsync(session.Id));
        return session.Id;
    }

    public async Task<SessionStatus> StatusAsync(SessionId id) => (await Sessions.FindAsync(id, default)).Status;

    /// <summary>What a refresh does.</summary>
    public async Task<StoreWrite> RefreshAsync(SessionId id, string accessToken)
    {
        var read = (await Sessions.ReadAsync(id, default)).Value!;
        return await Sessions.ReplaceAsync(id, read.Version, read.Value with { AccessToken = accessToken }, default);
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
