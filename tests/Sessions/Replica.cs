using OrgGateway.Orgs;
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
        Sessions = new SessionStore(Store, new KeyRing(keys ?? [Key]), Options, Catalog, this, clock, Log);
    }

    public SessionOptions Options { get; } = new();
    public FaultyStore Store { get; }
    public SessionStore Sessions { get; }
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
