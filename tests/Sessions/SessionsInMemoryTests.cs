using OrgGateway.Sessions;
using OrgGateway.Storage;

namespace OrgGateway.Tests.Sessions;

public sealed class SessionsInMemoryTests : SessionStoreContract
{
    private MemoryStore? _shared;

    [Fact]
    public async Task A_session_without_requests_ends_after_the_idle_time_and_not_before()
    {
        var replica = await ReplicaAsync();
        var id = await replica.SignInAsync(Clock);
        Clock.Advance(replica.Options.IdleTimeout);
        Assert.Equal(SessionStatus.Found, await replica.StatusAsync(id));
        // Steps of the slide and the age of copies may add this much, and no more.
        Clock.Advance(replica.Options.IdleTimeout + replica.Options.CopyFor + (replica.Options.IdleTimeout / 24));
        Assert.Equal(SessionStatus.None, await replica.StatusAsync(id));
    }

    [Fact]
    public async Task Requests_keep_a_session_until_its_absolute_end()
    {
        var replica = await ReplicaAsync();
        var ends = Clock.UtcNow.AddDays(7);
        var id = await replica.SignInAsync(Clock);
        for (; Clock.UtcNow < ends; Clock.Advance(TimeSpan.FromHours(23)))
            Assert.Equal(SessionStatus.Found, await replica.StatusAsync(id));
        Assert.Equal(SessionStatus.None, await replica.StatusAsync(id));
    }

    [Fact]
    public async Task The_idle_end_slides_in_steps_and_a_step_the_store_did_not_take_is_tried_again()
    {
        var replica = await ReplicaAsync();
        var id = await replica.SignInAsync(Clock);
        var first = replica.Store.Extensions;
        for (var i = 0; i < 100; i++)
        {
            Clock.Advance(replica.Options.CopyFor);
            await replica.StatusAsync(id);
        }
        Assert.Equal(first, replica.Store.Extensions); // 50 minutes: no step yet

        Clock.Advance(TimeSpan.FromMinutes(15));
        replica.Store.ExtensionsFail = true;
        Assert.Equal(SessionStatus.Found, await replica.StatusAsync(id));
        replica.Store.ExtensionsFail = false;
        Clock.Advance(replica.Options.CopyFor);
        Assert.Equal(SessionStatus.Found, await replica.StatusAsync(id));
        Assert.Equal(first + 2, replica.Store.Extensions);
        Clock.Advance(replica.Options.CopyFor);
        Assert.Equal(SessionStatus.Found, await replica.StatusAsync(id));
        Assert.Equal(first + 2, replica.Store.Extensions);
    }

    [Fact]
    public async Task Requests_that_meet_a_cold_session_together_share_one_read_and_none_ends_it_for_the_others()
    {
        var id = await (await ReplicaAsync()).SignInAsync(Clock);
        var replica = await ReplicaAsync();
        var gate = new TaskCompletionSource();
        replica.Store.Answering = gate.Task;
        using var gone = new CancellationTokenSource();
        var first = replica.Sessions.FindAsync(id, gone.Token).AsTask();
        var others = Enumerable.Range(0, 100).Select(_ => replica.Sessions.FindAsync(id, default).AsTask()).ToList();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        gate.SetResult();
        Assert.All(await Task.WhenAll(others), read => Assert.Equal(SessionStatus.Found, read.Status));
        Assert.Equal(1, replica.Store.Reads);
    }

    [Fact]
    public async Task An_id_that_was_missing_is_not_remembered_as_ended()
    {
        // A lagging Redis replica that was made primary, and made it good: no reason to sign anyone out. And an id made of
        // random text must not cost memory.
        var (a, b) = (await ReplicaAsync(), await ReplicaAsync());
        var id = await a.SignInAsync(Clock);
        var stored = (await a.Sessions.ReadAsync(id, default)).Value!;
        var key = KeyOf(id);
        await _shared!.RemoveAsync(key, default);
        Assert.Equal(SessionStatus.None, await b.StatusAsync(id));
        await _shared.PutAsync(key, stored.Version, stored.Value.Ends, default);
        Assert.Equal(SessionStatus.Found, await b.StatusAsync(id));
    }

    [Fact]
    public async Task A_browser_that_leaves_while_it_signs_out_is_signed_out_everywhere()
    {
        var (a, b) = (await ReplicaAsync(), await ReplicaAsync());
        var id = await a.SignInAsync(Clock);
        Assert.Equal(SessionStatus.Found, await b.StatusAsync(id));
        using var gone = new CancellationTokenSource();
        a.Store.Written = gone.Cancel;
        Assert.True(await a.Sessions.EndAsync(id, SessionEnd.Logout, gone.Token));
        Assert.Equal(SessionStatus.None, await a.StatusAsync(id));
        Assert.Equal(SessionStatus.None, await b.StatusAsync(id));
    }

    [Fact]
    public async Task A_caller_that_leaves_during_a_refresh_leaves_no_replica_with_the_old_token()
    {
        var (a, b) = (await ReplicaAsync(), await ReplicaAsync());
        var id = await a.SignInAsync(Clock);
        Assert.Equal(SessionStatus.Found, await b.StatusAsync(id));
        using var gone = new CancellationTokenSource();
        a.Store.Written = gone.Cancel;
        var read = (await a.Sessions.ReadAsync(id, default)).Value!;
        Assert.Equal(StoreWrite.Done, await a.Sessions.ReplaceAsync(id, read.Version, read.Value with { AccessToken = "refreshed" }, gone.Token));
        Assert.Equal("refreshed", (await a.Sessions.FindAsync(id, default)).Session!.Record.AccessToken);
        Assert.Equal("refreshed", (await b.Sessions.FindAsync(id, default)).Session!.Record.AccessToken);
    }

    protected override Task<IStore> OpenAsync() => Task.FromResult<IStore>(_shared ??= new MemoryStore(Clock));

    private static StoreKey KeyOf(SessionId id)
    {
        Span<byte> hash = stackalloc byte[32];
        id.CopyTo(hash);
        return StoreKey.OfHash("session", hash);
    }
}
