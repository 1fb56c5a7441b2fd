using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Audit;
using OrgGateway.Orgs;
using OrgGateway.Revocation;
using OrgGateway.Sealing;
using OrgGateway.Sessions;
using OrgGateway.Storage;

namespace OrgGateway.Bench.Load;

/// <summary>Makes sessions by the gateway's own code, in Redis or in this process.</summary>
internal sealed class SessionFarm : ISessionOrigins, IAsyncDisposable
{
    /// <summary>Nobody answers there.</summary>
    public const string Issuer = "http://127.0.0.1:9";

    private readonly IStore _store;
    private readonly SessionStore _sessions;

    private SessionFarm(IStore store, SessionOptions options)
    {
        _store = store;
        var (ring, catalog, clock) = (new KeyRing([new SealingKey("k1", GatewayConfiguration.Secret)]), new CurrentCatalog(new(new Dictionary<string, OrganizationOptions>(), new Dictionary<string, List<string>>(), "main")), TimeProvider.System);
        _sessions = new SessionStore(
            store, ring, options, new SessionDirectory(store, options, clock), new UnfinishedRevocations(catalog, clock, NullLogger<UnfinishedRevocations>.Instance),
            new Revocations(store, ring, [], clock, NullLogger<Revocations>.Instance), new AuditTrail([], NullLogger<AuditTrail>.Instance), catalog, this, clock, new SteadyClock(clock, NullLogger<SteadyClock>.Instance), NullLogger<SessionStore>.Instance);
    }

    public static async Task<SessionFarm> InRedisAsync(int port) =>
        new(await RedisStore.ConnectAsync(new StoreOptions { Redis = $"127.0.0.1:{port}", Timeout = TimeSpan.FromSeconds(10) }, NullLogger.Instance), new SessionOptions());

    public static SessionFarm InMemory(int copies) => new(new MemoryStore(TimeProvider.System), new SessionOptions { CopyLimit = copies * 4 });

    public bool Accepts(SessionRecord record) => true;

    public async Task<IReadOnlyList<SessionId>> SignInAsync(int count)
    {
        var ids = new SessionId[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, cancel) =>
            ids[i] = (await _sessions.CreateAsync(Record(i), cancel) ?? throw new InvalidOperationException("the store does not take the sessions")).Session.Id);
        return ids;
    }

    /// <returns>The cookie of a session whose person is an admin of acme, and a member of further organizations.</returns>
    public async Task<string> CookieAsync(int organizations)
    {
        var now = TimeProvider.System.GetUtcNow();
        var record = Record(0) with
        {
            Issuer = Issuer, AccessTokenExpires = now.AddHours(12), IdTokenExpires = now.AddHours(12),
            Memberships = [new("org_acme", "acme", null, ["admin"], []), .. Enumerable.Range(1, organizations - 1).Select(i => new Membership($"org_{i}", $"tenant-{i}", null, ["member"], []))],
        };
        return "orggw=" + (await _sessions.CreateAsync(record, CancellationToken.None) ?? throw new InvalidOperationException("the store does not take the session")).Cookie;
    }

    /// <returns>Bytes that this process holds more for a session it has a copy of: the record with tokens of a kilobyte, and what was worked out of it.</returns>
    public async Task<double> BytesPerCopyAsync(IReadOnlyList<SessionId> ids)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var id in ids)
            await _sessions.FindAsync(id, CancellationToken.None);
        var after = GC.GetTotalMemory(forceFullCollection: true);
        return (double)(after - before) / _sessions.CopyCount;
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private static SessionRecord Record(int i) => new()
    {
        Provider = "main", Issuer = "https://id.example.com", ClientId = "gateway", Subject = "person-" + i, Email = $"person-{i}@example.com", EmailVerified = true, Name = "Person " + i,
        ProviderSession = "sid-" + i, Memberships = [new("org_" + (i % 100), "org" + (i % 100), null, ["member"], []), new("org_x", "x", null, ["admin"], [])],
        AccessToken = new string('a', 1000), AccessTokenExpires = TimeProvider.System.GetUtcNow().AddMinutes(5), RefreshToken = new string('r', 40), IdToken = new string('i', 1000),
        IdTokenExpires = TimeProvider.System.GetUtcNow().AddMinutes(5), SignedIn = TimeProvider.System.GetUtcNow(), Ends = TimeProvider.System.GetUtcNow().AddDays(7),
    };
}
