using OrgGateway.Sessions;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sessions;

public sealed class SessionOutageTests : IAsyncDisposable
{
    private readonly FakeClock _clock = new();
    private readonly Replica _replica;

    public SessionOutageTests() => _replica = new Replica(new MemoryStore(_clock), _clock);

    private TimeSpan CopyFor => _replica.Options.CopyFor;

    public ValueTask DisposeAsync() => _replica.DisposeAsync();

    [Fact]
    public async Task A_known_session_goes_on_for_the_grace_and_then_nothing_is_known_of_it()
    {
        var id = await _replica.SignInAsync(_clock);
        _replica.Store.IsDown = true;
        _clock.Advance(CopyFor + _replica.Options.OutageGrace - TimeSpan.FromSeconds(1));
        Assert.Equal(SessionStatus.Found, await _replica.StatusAsync(id));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(SessionStatus.Unavailable, await _replica.StatusAsync(id));

        _replica.Store.IsDown = false;
        Assert.Equal(SessionStatus.Found, await _replica.StatusAsync(id));
    }

    [Fact]
    public async Task An_unknown_session_is_unavailable_and_never_none()
    {
        var known = await _replica.SignInAsync(_clock);
        _clock.Advance(CopyFor);
        _replica.Store.IsDown = true;
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(SessionStatus.Unavailable, await _replica.StatusAsync(SessionId.New(out _)));
            Assert.Equal(SessionStatus.Found, await _replica.StatusAsync(known));
        }
        Assert.Null(await _replica.Sessions.CreateAsync(TestSessions.Record(_clock.UtcNow), default));
    }

    [Fact]
    public async Task After_a_failed_read_copies_serve_without_asking_and_one_request_a_second_asks()
    {
        var ids = new List<SessionId>();
        for (var i = 0; i < 50; i++)
            ids.Add(await _replica.SignInAsync(_clock));
        _clock.Advance(CopyFor);
        _replica.Store.IsDown = true;
        var reads = _replica.Store.Reads;

        foreach (var id in ids)
            Assert.Equal(SessionStatus.Found, await _replica.StatusAsync(id));
        Assert.Equal(reads + 1, _replica.Store.Reads);
        for (var second = 2; second < 10; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            foreach (var id in ids)
                Assert.Equal(SessionStatus.Found, await _replica.StatusAsync(id));
            Assert.Equal(reads + second, _replica.Store.Reads);
        }

        // Back: the next to ask finds out for all.
        _replica.Store.IsDown = false;
        _clock.Advance(TimeSpan.FromSeconds(1));
        reads = _replica.Store.Reads;
        foreach (var id in ids)
            Assert.Equal(SessionStatus.Found, await _replica.StatusAsync(id));
        Assert.Equal(reads + ids.Count, _replica.Store.Reads);
    }

    [Fact]
    public async Task While_one_request_waits_for_a_frozen_store_the_others_do_not()
    {
        var (one, two) = (await _replica.SignInAsync(_clock), await _replica.SignInAsync(_clock));
        _clock.Advance(CopyFor);
        _replica.Store.IsDown = true;
        Assert.Equal(SessionStatus.Found, await _replica.StatusAsync(one));
        _clock.Advance(TimeSpan.FromSeconds(1));

        var gate = new TaskCompletionSource();
        _replica.Store.Answering = gate.Task;
        var asks = _replica.Sessions.FindAsync(one, default);
        Assert.False(asks.IsCompleted);
        foreach (var id in (SessionId[])[one, two, one, two])
        {
            var served = _replica.Sessions.FindAsync(id, default);
            Assert.True(served.IsCompletedSuccessfully);
            Assert.Equal(SessionStatus.Found, (await served).Status);
        }
        gate.SetResult();
        Assert.Equal(SessionStatus.Found, (await asks).Status);
    }

    [Fact]
    public async Task A_session_past_its_absolute_end_is_over_in_an_outage_too()
    {
        var record = TestSessions.Record(_clock.UtcNow) with { Ends = _clock.UtcNow.AddMinutes(1) };
        var id = (await _replica.Sessions.CreateAsync(record, default))!.Value.Session.Id;
        Assert.Equal(SessionStatus.Found, await _replica.StatusAsync(id));
        _replica.Store.IsDown = true;
        _clock.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(SessionStatus.Found, await _replica.StatusAsync(id));
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(SessionStatus.None, await _replica.StatusAsync(id));
    }

    [Fact]
    public async Task Who_signs_out_in_an_outage_is_signed_out_here_and_told_that_others_may_not_know()
    {
        var id = await _replica.SignInAsync(_clock);
        var held = (await _replica.Sessions.FindAsync(id, default)).Session!;
        _replica.Store.IsDown = true;
        Assert.False(await _replica.Sessions.EndAsync(id, SessionEnd.Logout, default));
        Assert.True(held.Ended);
        Assert.NotEqual(SessionStatus.Found, await _replica.StatusAsync(id));
    }

    [Fact]
    public async Task A_new_configuration_applies_to_copies_in_an_outage_too()
    {
        var id = await _replica.SignInAsync(_clock);
        _replica.Store.IsDown = true;
        _replica.Catalog.Value = TestSessions.Catalog();
        for (var i = 0; i < 2; i++)
            Assert.Same(_replica.Catalog.Value, (await _replica.Sessions.FindAsync(id, default)).Session!.Catalog);
    }
}
