using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.ApiKeys;
using OrgGateway.Audit;
using OrgGateway.Configuration;
using OrgGateway.Orgs;
using OrgGateway.Revocation;
using OrgGateway.Sealing;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Sessions;

namespace OrgGateway.Tests.ApiKeys;

/// <summary>What becomes of keys without a gateway around them: their owner leaves, the store goes down, time passes.</summary>
public sealed class ApiKeyStoreTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly FakeClock _clock = new();
    private readonly FaultyStore _store;
    private readonly Revocations _revocations;
    private readonly ApiKeyStore _keys;
    private readonly ApiKeyOperations _operations;
    private readonly ApiKeyOperations _elsewhere;

    public ApiKeyStoreTests()
    {
        var inner = new MemoryStore(_clock);
        _store = new FaultyStore(inner);
        var ring = KeyRing.Ephemeral();
        var catalog = new CurrentCatalog(new OrganizationCatalog(new Dictionary<string, OrganizationOptions> { ["acme"] = new() { Id = "org_acme" } }, new Dictionary<string, List<string>>(), "main"));
        var (records, options) = (new ApiKeyRecords(_store, ring), new ApiKeyOptions());
        _revocations = new(_store, ring, [new KeysOfTheRevoked(records)], _clock, NullLogger<Revocations>.Instance);
        _keys = new(records, options, new Site(new Uri("https://app.example"), [], "/auth"), catalog, _revocations, _clock);
        _elsewhere = new(
            new ApiKeyRecords(inner, ring), options, catalog, new Revocations(inner, ring, [], _clock, NullLogger<Revocations>.Instance),
            new AuditTrail([], NullLogger<AuditTrail>.Instance), _clock);
        _operations = new(records, options, catalog, _revocations, new AuditTrail([], NullLogger<AuditTrail>.Instance), _clock);
    }

    [Theory]
    [InlineData(RevocationScope.Subject, null)]
    [InlineData(RevocationScope.Membership, "org_acme")]
    [InlineData(RevocationScope.Organization, "org_acme")]
    public async Task A_key_ends_with_its_owners_access_and_a_later_one_does_not(RevocationScope scope, string? org)
    {
        var mine = await NewAsync("alice");
        var others = await NewAsync("bob");
        Assert.Equal(ApiKeyStatus.Valid, await StatusAsync(mine));

        await _revocations.PublishAsync(new(scope, "admin", Issuer: "https://id.example", Subject: "alice", OrgId: org));

        Assert.Equal(ApiKeyStatus.NotFound, await StatusAsync(mine));
        Assert.Equal(scope == RevocationScope.Organization ? ApiKeyStatus.NotFound : ApiKeyStatus.Valid, await StatusAsync(others));
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(ApiKeyStatus.NotFound, await StatusAsync(mine)); // the record is gone, not only the copy
        Assert.Equal(ApiKeyStatus.Valid, await StatusAsync(await NewAsync("alice")));
    }

    [Fact]
    public async Task An_outage_takes_no_access_away_and_gives_none()
    {
        var known = await NewAsync(null);
        var unknown = await NewAsync(null);
        Assert.Equal(ApiKeyStatus.Valid, await StatusAsync(known));
        _store.IsDown = true;
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((ApiKeyStatus.Valid, ApiKeyStatus.Unavailable), (await StatusAsync(known), await StatusAsync(unknown)));
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(ApiKeyStatus.Unavailable, await StatusAsync(known));
    }

    [Fact]
    public async Task A_revocation_that_the_store_does_not_take_is_unfinished_and_ends_the_keys_when_asked_again()
    {
        var mine = await NewAsync("alice");
        Assert.Equal(ApiKeyStatus.Valid, await StatusAsync(mine));
        var revocation = new Revocation.Revocation(RevocationScope.Subject, "admin", Issuer: "https://id.example", Subject: "alice");
        _store.IsDown = true;
        Assert.Equal(StoreWrite.Unavailable, await _revocations.PublishAsync(revocation));
        _store.IsDown = false;
        // As an operator's command would, in a process of its own: whoever says it removes the records, nobody has to hear it.
        Assert.Equal(StoreWrite.Done, await _revocations.PublishAsync(revocation));
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(ApiKeyStatus.NotFound, await StatusAsync(mine));
    }

    [Fact]
    public async Task An_owners_issuer_is_the_same_with_and_without_a_slash()
    {
        var mine = await NewAsync("alice");
        Assert.Equal(ApiKeyStatus.Valid, await StatusAsync(mine));
        await _revocations.PublishAsync(new(RevocationScope.Subject, "admin", Issuer: "https://id.example/", Subject: "alice"));
        Assert.Equal(ApiKeyStatus.NotFound, await StatusAsync(mine));
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(ApiKeyStatus.NotFound, await StatusAsync(mine));
    }

    [Fact]
    public async Task While_messages_may_be_missed_a_copy_serves_for_two_seconds()
    {
        var key = await NewAsync(null);
        Assert.Equal(ApiKeyStatus.Valid, await StatusAsync(key));
        (_store.IsDeaf, _store.ListeningSince) = (true, long.MaxValue);
        Assert.Equal(StoreWrite.Done, await _elsewhere.RevokeAsync((await _elsewhere.ListAsync(null, default))!.Single().Record.Id, default));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ApiKeyStatus.Valid, await StatusAsync(key));
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(ApiKeyStatus.NotFound, await StatusAsync(key));
    }

    [Fact]
    public async Task A_warm_key_reads_nothing_and_what_cannot_be_a_key_neither()
    {
        var key = await NewAsync(null);
        await StatusAsync(key);
        var reads = _store.Reads;
        for (var i = 0; i < 100; i++)
            Assert.Equal((ApiKeyStatus.Valid, ApiKeyStatus.NotFound), (await StatusAsync(key), await StatusAsync("ogk_" + new string((char)('a' + (i % 26)), 49))));
        Assert.Equal(reads, _store.Reads);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private async Task<string> NewAsync(string? owner)
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        return (await _operations.CreateAsync(new("acme") { OwnerIssuer = owner is null ? null : "https://id.example", OwnerSubject = owner }, default))!.Value.Key;
    }

    private async Task<ApiKeyStatus> StatusAsync(string key) => (await _keys.FindAsync(key, default)).Status;
}
