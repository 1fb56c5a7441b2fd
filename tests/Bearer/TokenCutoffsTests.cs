using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Revocation;
using OrgGateway.Sealing;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Sessions;

namespace OrgGateway.Tests.Bearer;

/// <summary>What is remembered of revocations for tokens, on two replicas of one store.</summary>
public sealed class TokenCutoffsTests : IAsyncLifetime, IAsyncDisposable
{
    private const string Issuer = "https://id.example";
    private static readonly TokenCutoffLife Life = new(TimeSpan.FromHours(1), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5)) { Most = 20 };
    private readonly FakeClock _clock = new();
    private readonly KeyRing _ring = KeyRing.Ephemeral();
    private readonly MemoryStore _shared;
    private readonly FaultyStore _store;
    private readonly TokenCutoffs _here;
    private readonly TokenCutoffs _there;
    private readonly Revocations _revocations;

    public TokenCutoffsTests()
    {
        _shared = new(_clock);
        _store = new(_shared);
        var own = new FaultyStore(_shared);
        (_here, _there) = (New(own), New(_store));
        _revocations = Of(own, _here);
        Of(_store, _there);
    }

    public async Task InitializeAsync()
    {
        await _here.ReadAsync(default);
        await _there.ReadAsync(default);
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task A_subjects_tokens_end_on_both_replicas_and_later_ones_count()
    {
        var (before, version) = (_clock.GetUtcNow(), _there.Version);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(StoreWrite.Done, await RevokeAsync("alice"));

        Assert.NotEqual(version, _there.Version);
        foreach (var replica in new[] { _here, _there })
        {
            Assert.True(replica.EndsSubject(Issuer, "alice", before));
            Assert.True(replica.EndsSubject(Issuer + "/", "alice", _clock.GetUtcNow()));
            Assert.False(replica.EndsSubject(Issuer, "alice", _clock.GetUtcNow() + TimeSpan.FromSeconds(1)));
            Assert.False(replica.EndsSubject(Issuer, "bob", before));
            Assert.False(replica.EndsSubject("https://other.example", "alice", before));
            Assert.False(replica.EndsMembership(Issuer, "alice", "org_acme", before));
        }
    }

    [Fact]
    public async Task A_membership_ends_for_one_and_an_organization_for_all()
    {
        var before = _clock.GetUtcNow();
        await _revocations.PublishAsync(new(RevocationScope.Membership, "admin", Issuer: Issuer, Subject: "alice", OrgId: "org_acme"));
        await _revocations.PublishAsync(new(RevocationScope.Organization, "admin", OrgId: "org_globex"));
        Assert.Equal(
            (true, false, false, true, true),
            (_there.EndsMembership(Issuer, "alice", "org_acme", before), _there.EndsMembership(Issuer, "bob", "org_acme", before), _there.EndsMembership(Issuer, "alice", "org_initech", before),
            _there.EndsMembership(Issuer, "bob", "org_globex", before), _there.EndsMembership("https://other.example", "x", "org_globex", before)));
        Assert.False(_there.EndsSubject(Issuer, "alice", before));
    }

    [Fact, Trait("Row", "K23")]
    public async Task A_lost_message_is_found_by_reading_two_seconds_later_where_messages_may_be_missed()
    {
        var before = _clock.GetUtcNow();
        (_store.IsDeaf, _store.ListeningSince) = (true, long.MaxValue);
        await RevokeAsync("alice");
        Assert.False(_there.EndsSubject(Issuer, "alice", before));
        Assert.False(_there.IsDue());
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_there.IsDue());
        await _there.ReadAsync(default);
        Assert.True(_there.EndsSubject(Issuer, "alice", before));
        // Else with every CopyFor.
        _store.ListeningSince = 0;
        Assert.False(_there.IsDue());
        _clock.Advance(Life.CopyFor);
        Assert.True(_there.IsDue());
    }

    [Fact]
    public async Task A_clock_that_is_set_forgets_no_revocation_and_a_lost_message_is_found_all_the_same()
    {
        var before = _clock.GetUtcNow();
        await RevokeAsync("alice");
        _clock.Set(Life.Keep * 2);
        await _there.ReadAsync(default);
        Assert.Equal((true, true), (_there.IsCurrent(), _there.EndsSubject(Issuer, "alice", before)));
        _clock.Set(Life.Keep * -2);
        Assert.Equal((true, true), (_there.IsCurrent(), _there.EndsSubject(Issuer, "alice", before)));

        _store.IsDeaf = true;
        await RevokeAsync("bob");
        _clock.Advance(Life.CopyFor);
        Assert.True(_there.IsDue());
        await _there.ReadAsync(default);
        Assert.True(_there.EndsSubject(Issuer, "bob", before));
    }

    [Fact]
    public async Task A_replica_that_starts_later_knows_and_one_that_cannot_read_knows_that_it_does_not()
    {
        var before = _clock.GetUtcNow();
        await RevokeAsync("alice");
        var late = New(_store);
        _store.IsDown = true;
        await late.ReadAsync(default);
        Assert.False(late.IsCurrent());
        _store.IsDown = false;
        await late.ReadAsync(default);
        Assert.Equal((true, true), (late.IsCurrent(), late.EndsSubject(Issuer, "alice", before)));

        _store.IsDown = true;
        _clock.Advance(Life.CopyFor + Life.OutageGrace - TimeSpan.FromSeconds(1));
        await late.ReadAsync(default);
        Assert.True(late.IsCurrent());
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(late.IsCurrent());
        // And a revocation that the store does not take says so, while it holds where it was said.
        var own = New(_store);
        Assert.Equal(StoreWrite.Unavailable, await Of(_store, own).PublishAsync(new(RevocationScope.Subject, "admin", Issuer: Issuer, Subject: "bob")));
        Assert.True(own.EndsSubject(Issuer, "bob", before));
    }

    [Fact]
    public async Task More_than_there_is_room_for_ends_every_older_token_and_none_is_forgotten()
    {
        var moments = new List<DateTimeOffset>();
        for (var i = 0; i < 30; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            moments.Add(_clock.GetUtcNow());
            await RevokeAsync("user-" + i);
        }
        Assert.InRange(_there.Count, 1, 20);
        for (var i = 0; i < 30; i++)
            Assert.True(_there.EndsSubject(Issuer, "user-" + i, moments[i]));
        Assert.True(_there.EndsSubject(Issuer, "anybody", moments[0]));
        Assert.False(_there.EndsSubject(Issuer, "anybody", moments[^1]));
        // Nothing is kept for longer than a token could live.
        _clock.Advance(Life.Keep + TimeSpan.FromSeconds(1));
        await _there.ReadAsync(default);
        Assert.Equal(0, _there.Count);
    }

    [Fact]
    public async Task Where_no_issuer_is_trusted_nothing_is_kept()
    {
        var none = new TokenCutoffs(_shared, new(TimeSpan.Zero, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5)), _clock, NullLogger<TokenCutoffs>.Instance);
        await Of(_shared, none).PublishAsync(new(RevocationScope.Subject, "admin", Issuer: Issuer, Subject: "alice"));
        Assert.Equal((0, StoreStatus.Missing), (none.Count, (await _shared.ReadIndexAsync(StoreKey.Of("token-cutoffs"), 10, default)).Status));
    }

    private ValueTask<StoreWrite> RevokeAsync(string subject) => _revocations.PublishAsync(new(RevocationScope.Subject, "admin", Issuer: Issuer, Subject: subject));

    private TokenCutoffs New(IStore store) => new(store, Life, _clock, NullLogger<TokenCutoffs>.Instance);

    private Revocations Of(IStore store, TokenCutoffs cutoffs)
    {
        var revocations = new Revocations(store, _ring, [cutoffs], _clock, NullLogger<Revocations>.Instance);
        revocations.Subscribe(cutoffs.Hear);
        return revocations;
    }
}
