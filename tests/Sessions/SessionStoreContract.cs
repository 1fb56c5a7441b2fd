using OrgGateway.Sealing;
using OrgGateway.Sessions;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sessions;

/// <summary>What sessions promise on every store.</summary>
public abstract class SessionStoreContract : IAsyncLifetime
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly List<Replica> _replicas = [];

    // Redis goes by its own clock, so that time starts as it is there.
    internal FakeClock Clock { get; } = new() { UtcNow = TimeProvider.System.GetUtcNow() };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
    }

    [Fact]
    public async Task A_session_is_found_by_the_cookie_it_was_made_with_and_by_no_other()
    {
        var replica = await ReplicaAsync();
        var record = TestSessions.Record(Clock.UtcNow);
        var (made, cookie) = (await replica.Sessions.CreateAsync(record, default))!.Value;
        Assert.True(SessionId.TryOf(cookie, out var id));
        Assert.Equal(made.Id, id);

        var found = await replica.Sessions.FindAsync(id, default);
        Assert.Equal(SessionStatus.Found, found.Status);
        Assert.Equal(id, found.Session!.Id);
        Assert.Equivalent(record, found.Session.Record, strict: true);
        Assert.Equal("Bearer " + TestSessions.AccessToken, found.Session.BearerValue);
        Assert.NotNull(found.Session.Organizations.Find("acme"));
        Assert.Same(found.Session, (await replica.Sessions.FindAsync(id, default)).Session);

        Assert.Equal(SessionRead.None, await replica.Sessions.FindAsync(SessionId.New(out _), default));
    }

    [Fact]
    public async Task Another_replica_finds_it_too()
    {
        var id = await (await ReplicaAsync()).SignInAsync(Clock);
        Assert.Equal(SessionStatus.Found, await (await ReplicaAsync()).StatusAsync(id));
    }

    [Fact]
    public async Task A_refreshed_token_is_used_here_at_once_and_on_another_replica_within_a_second()
    {
        var (a, b) = (await ReplicaAsync(), await ReplicaAsync());
        var id = await a.SignInAsync(Clock);
        await WarmAndListeningAsync(a, b, id);

        Assert.Equal(StoreWrite.Done, await a.RefreshAsync(id, "refreshed"));
        Assert.Equal("refreshed", (await a.Sessions.FindAsync(id, default)).Session!.Record.AccessToken);
        await Wait.UntilAsync(async () => (await b.Sessions.FindAsync(id, default)).Session!.Record.AccessToken == "refreshed", Second, "the other replica has the new token");
    }

    [Fact, Trait("Row", "T146")]
    public async Task A_session_ended_on_one_replica_is_refused_on_another_within_a_second()
    {
        var (a, b) = (await ReplicaAsync(), await ReplicaAsync());
        var id = await a.SignInAsync(Clock);
        await WarmAndListeningAsync(a, b, id);
        var held = (await b.Sessions.FindAsync(id, default)).Session!;

        Assert.True(await a.Sessions.EndAsync(id, SessionEnd.Logout, default));
        Assert.Equal(SessionStatus.None, await a.StatusAsync(id));
        await Wait.UntilAsync(async () => await b.StatusAsync(id) == SessionStatus.None, Second, "the other replica refuses it");
        Assert.True(held.Ended);
    }

    [Fact, Trait("Row", "T146"), Trait("Row", "T140")]
    public async Task When_the_message_is_lost_it_is_refused_once_the_copy_is_old()
    {
        var (a, b) = (await ReplicaAsync(), await ReplicaAsync());
        var id = await a.SignInAsync(Clock);
        Assert.Equal(SessionStatus.Found, await b.StatusAsync(id));
        b.Store.IsDeaf = true;

        Assert.True(await a.Sessions.EndAsync(id, SessionEnd.Logout, default));
        Clock.Advance(b.Options.CopyFor - TimeSpan.FromMilliseconds(1));
        Assert.Equal(SessionStatus.Found, await b.StatusAsync(id)); // else this proves nothing
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(SessionStatus.None, await b.StatusAsync(id));
    }

    [Fact]
    public async Task When_the_message_is_lost_and_the_clock_set_back_it_is_refused_all_the_same()
    {
        var (a, b) = (await ReplicaAsync(), await ReplicaAsync());
        var id = await a.SignInAsync(Clock);
        Assert.Equal(SessionStatus.Found, await b.StatusAsync(id));
        b.Store.IsDeaf = true;

        Assert.True(await a.Sessions.EndAsync(id, SessionEnd.Logout, default));
        Clock.Set(TimeSpan.FromHours(-1));
        Assert.Equal(SessionStatus.None, await b.StatusAsync(id));
    }

    [Fact]
    public async Task Where_the_clock_was_set_and_set_back_the_idle_end_moves_on_as_ever()
    {
        var replica = await ReplicaAsync();
        var id = await replica.SignInAsync(Clock);
        Clock.Set(TimeSpan.FromHours(6));
        Assert.Equal(SessionStatus.Found, await replica.StatusAsync(id));
        Clock.Set(TimeSpan.FromHours(-6));
        var before = replica.Store.Extensions;
        Clock.Advance(replica.Options.CopyFor);
        Assert.Equal(SessionStatus.Found, await replica.StatusAsync(id));
        Assert.Equal(before + 1, replica.Store.Extensions);
    }

    [Fact]
    public async Task An_ended_session_is_gone_from_the_store_and_ending_it_again_does_no_harm()
    {
        var replica = await ReplicaAsync();
        var id = await replica.SignInAsync(Clock);
        Assert.True(await replica.Sessions.EndAsync(id, SessionEnd.Logout, default));
        Assert.True(await replica.Sessions.EndAsync(id, SessionEnd.Logout, default));
        Assert.Equal(StoreStatus.Missing, (await replica.Sessions.ReadAsync(id, default)).Status);
        Assert.Equal(SessionStatus.None, await (await ReplicaAsync()).StatusAsync(id));
        Assert.Single(replica.Log.Messages, message => message.Contains("Session ended: logout", StringComparison.Ordinal));
    }

    [Fact, Trait("Row", "T55")]
    public async Task A_late_refresh_of_an_ended_session_is_refused_and_it_stays_dead_on_every_replica()
    {
        var (a, b) = (await ReplicaAsync(), await ReplicaAsync());
        var id = await a.SignInAsync(Clock);
        Assert.Equal(SessionStatus.Found, await b.StatusAsync(id));
        var read = (await b.Sessions.ReadAsync(id, default)).Value!; // b's refresh is under way

        Assert.True(await a.Sessions.EndAsync(id, SessionEnd.Logout, default));
        Assert.Equal(StoreWrite.Refused, await b.Sessions.ReplaceAsync(id, read.Version, read.Value with { AccessToken = "late" }, default));
        Clock.Advance(a.Options.CopyFor);
        Assert.Equal(SessionStatus.None, await a.StatusAsync(id));
        Assert.Equal(SessionStatus.None, await b.StatusAsync(id));
        Assert.Equal(SessionStatus.None, await (await ReplicaAsync()).StatusAsync(id));
    }

    [Fact, Trait("Row", "T55")]
    public async Task A_read_that_was_under_way_when_the_session_ended_does_not_bring_it_back()
    {
        var (a, b) = (await ReplicaAsync(), await ReplicaAsync());
        var id = await a.SignInAsync(Clock);
        var gate = new TaskCompletionSource();
        a.Store.Answering = gate.Task;
        Clock.Advance(a.Options.IdleTimeout / 12); // so that the read is followed by a slide, which must not make anything either
        var late = a.Sessions.FindAsync(id, default); // has the record, and waits

        Assert.True(await b.Sessions.EndAsync(id, SessionEnd.Logout, default));
        await Wait.UntilAsync(() => a.Store.HasHeardOf(id), TimeSpan.FromSeconds(10), "the message came");
        gate.SetResult();
        Assert.Equal(SessionStatus.None, (await late).Status);
        Assert.Equal(SessionStatus.None, await a.StatusAsync(id));
        Assert.Equal(StoreStatus.Missing, (await a.Sessions.ReadAsync(id, default)).Status);
    }

    [Fact]
    public async Task A_read_that_was_under_way_when_the_session_changed_leaves_no_old_copy()
    {
        var (a, b) = (await ReplicaAsync(), await ReplicaAsync());
        var id = await b.SignInAsync(Clock);
        await WarmAndListeningAsync(b, a, id);
        Clock.Advance(a.Options.CopyFor);
        var gate = new TaskCompletionSource();
        a.Store.Answering = gate.Task;
        var early = a.Sessions.FindAsync(id, default); // has the old record, and waits

        Assert.Equal(StoreWrite.Done, await b.RefreshAsync(id, "refreshed"));
        await Wait.UntilAsync(() => a.Store.HasHeardOf(id), TimeSpan.FromSeconds(10), "the message came");
        a.Store.Answering = Task.CompletedTask;
        gate.SetResult();
        Assert.Equal(TestSessions.AccessToken, (await early).Session!.Record.AccessToken);
        Assert.Equal("refreshed", (await a.Sessions.FindAsync(id, default)).Session!.Record.AccessToken);
    }

    [Fact, Trait("Row", "T61")]
    public async Task A_session_ends_at_its_absolute_end_whatever_was_refreshed_until_then()
    {
        var replica = await ReplicaAsync();
        var ends = Clock.UtcNow.AddDays(7);
        var id = await replica.SignInAsync(Clock);
        for (var n = 1; Clock.UtcNow.AddHours(12) < ends; n++)
        {
            Clock.Advance(TimeSpan.FromHours(12));
            Assert.Equal(SessionStatus.Found, await replica.StatusAsync(id));
            Assert.Equal(StoreWrite.Done, await replica.RefreshAsync(id, $"token {n}"));
        }
        Clock.UtcNow = ends.AddMilliseconds(-1);
        Assert.Equal(SessionStatus.Found, await replica.StatusAsync(id));
        Clock.UtcNow = ends;
        Assert.Equal(SessionStatus.None, await replica.StatusAsync(id)); // from the copy
        Assert.Equal(SessionStatus.None, await (await ReplicaAsync()).StatusAsync(id)); // from the store
    }

    [Fact]
    public async Task A_record_of_another_issuer_is_none_and_leaves_no_copy()
    {
        var (production, staging) = (await ReplicaAsync(), await ReplicaAsync());
        staging.Issuer = "https://staging.example.com";
        var id = await production.SignInAsync(Clock);
        Assert.Equal(SessionStatus.None, await staging.StatusAsync(id));
        Assert.Equal(SessionStatus.Found, await production.StatusAsync(id)); // and it is not ended there

        // One that counted until the configuration changed does not come back when the store goes.
        production.Issuer = "https://new.example.com";
        Clock.Advance(production.Options.CopyFor);
        Assert.Equal(SessionStatus.None, await production.StatusAsync(id));
        production.Store.IsDown = true;
        Assert.Equal(SessionStatus.Unavailable, await production.StatusAsync(id));
    }

    [Fact, Trait("Row", "T83")]
    public async Task A_new_sealing_key_signs_nobody_out_until_the_old_one_is_taken_away()
    {
        var fresh = new SealingKey("k2", "another secret that replicas share");
        var id = await (await ReplicaAsync()).SignInAsync(Clock);
        Assert.Equal(SessionStatus.Found, await (await ReplicaAsync(fresh, Replica.Key)).StatusAsync(id));
        Assert.Equal(SessionStatus.None, await (await ReplicaAsync(fresh)).StatusAsync(id));
    }

    [Fact]
    public async Task A_new_configuration_is_used_with_the_next_request()
    {
        var replica = await ReplicaAsync();
        var id = await replica.SignInAsync(Clock);
        var before = (await replica.Sessions.FindAsync(id, default)).Session!;
        replica.Catalog.Value = TestSessions.Catalog();
        var after = (await replica.Sessions.FindAsync(id, default)).Session!;
        Assert.NotSame(before, after);
        Assert.Same(replica.Catalog.Value, after.Catalog);
    }

    protected abstract Task<IStore> OpenAsync();

    internal async Task<Replica> ReplicaAsync(params SealingKey[] keys)
    {
        var replica = new Replica(await OpenAsync(), Clock, keys.Length == 0 ? null : keys);
        _replicas.Add(replica);
        return replica;
    }

    /// <summary>Until a message of one replica has reached the other (a subscription takes its time), and the other has a copy.</summary>
    internal static async Task WarmAndListeningAsync(Replica speaker, Replica listener, SessionId id)
    {
        await Wait.UntilAsync(
            async () =>
            {
                var nobody = SessionId.New(out _);
                await speaker.Sessions.EndAsync(nobody, SessionEnd.Logout, default);
                await Task.Delay(5);
                return listener.Store.HasHeardOf(nobody);
            },
            TimeSpan.FromSeconds(10),
            "the subscription stands");
        Assert.Equal(SessionStatus.Found, await listener.StatusAsync(id));
    }
}
