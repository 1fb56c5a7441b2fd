using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Sessions;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sessions;

public sealed class SessionsInRedisTests(RedisServer redis) : SessionStoreContract, IClassFixture<RedisServer>
{
    // A client's own upkeep, and the question asked here.
    private static readonly string[] Upkeep = ["info", "ping", "client", "config", "command", "hello", "echo", "cluster", "sentinel", "subscribe", "auth"];
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_thousand_warm_requests_ask_Redis_nothing()
    {
        var replica = await ReplicaAsync();
        var id = await replica.SignInAsync(Clock);
        var before = await CountAsync();
        for (var i = 0; i < 1000; i++)
            Assert.Equal(TestSessions.AccessToken, (await replica.Sessions.FindAsync(id, default)).Session!.Record.AccessToken);
        Assert.Equal(before, await CountAsync());

        Clock.Advance(replica.Options.CopyFor);
        Assert.Equal(SessionStatus.Found, await replica.StatusAsync(id));
        Assert.Equal(before + 1, await CountAsync()); // the count does see a read
    }

    [Fact]
    public async Task Nothing_of_a_session_stands_in_Redis_unsealed()
    {
        var replica = await ReplicaAsync();
        var (_, cookie) = (await replica.Sessions.CreateAsync(TestSessions.Record(Clock.UtcNow), default))!.Value;
        var dump = await redis.DumpAllAsync();
        Assert.NotEmpty(dump);
        var all = string.Join('\n', dump.Select(entry => entry.Key + '\n' + Encoding.Latin1.GetString(entry.Value)));
        foreach (var secret in (string[])[cookie, TestSessions.AccessToken, TestSessions.RefreshToken, "id-token-4713", "ada", "example.com", "acme"])
            Assert.DoesNotContain(secret, all, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Redis_forgets_a_session_with_its_idle_time_and_at_the_latest_with_its_absolute_end()
    {
        var replica = await ReplicaAsync();
        var idle = await replica.SignInAsync(Clock);
        var short_ = (await replica.Sessions.CreateAsync(TestSessions.Record(Clock.UtcNow) with { Ends = Clock.UtcNow.AddHours(2) }, default))!.Value.Session.Id;
        var idleEnd = replica.Options.IdleTimeout + replica.Options.CopyFor + (replica.Options.IdleTimeout / 24);
        Assert.InRange(await LifeAsync(idle), idleEnd - TimeSpan.FromMinutes(1), idleEnd);
        Assert.InRange(await LifeAsync(short_), TimeSpan.FromMinutes(119), TimeSpan.FromMinutes(120));
        await replica.RefreshAsync(short_, "refreshed");
        Assert.InRange(await LifeAsync(short_), TimeSpan.FromMinutes(119), TimeSpan.FromMinutes(120));
    }

    [Fact]
    public async Task A_Redis_that_was_emptied_has_no_sessions_and_makes_new_ones()
    {
        var (a, b) = (await ReplicaAsync(), await ReplicaAsync());
        var id = await a.SignInAsync(Clock);
        await redis.FlushAsync();
        Assert.Equal(SessionStatus.None, await b.StatusAsync(id));
        Clock.Advance(a.Options.CopyFor);
        Assert.Equal(SessionStatus.None, await a.StatusAsync(id));
        Assert.Equal(SessionStatus.Found, await b.StatusAsync(await a.SignInAsync(Clock)));
    }

    [Fact]
    public async Task While_Redis_is_down_a_known_session_serves_an_unknown_one_is_unavailable_and_all_is_well_afterwards()
    {
        var (a, b) = (await ReplicaAsync(), await ReplicaAsync());
        var id = await a.SignInAsync(Clock);
        await redis.KillAsync();
        try
        {
            Clock.Advance(a.Options.CopyFor);
            await Wait.UntilAsync(async () => await b.StatusAsync(id) == SessionStatus.Unavailable, Bound, "the outage is noticed");
            Assert.Equal(SessionStatus.Found, await a.StatusAsync(id));
            Assert.Equal(SessionStatus.Unavailable, await a.StatusAsync(SessionId.New(out _)));
            Assert.Null(await a.Sessions.CreateAsync(TestSessions.Record(Clock.UtcNow), default));
        }
        finally
        {
            await redis.StartAgainAsync();
        }
        await Wait.UntilAsync(async () => await b.Sessions.CreateAsync(TestSessions.Record(Clock.UtcNow), default) is not null, Bound, "Redis is in use again");
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Wait.UntilAsync(
            async () =>
            {
                Clock.Advance(TimeSpan.FromSeconds(1));
                return await a.StatusAsync(id) == SessionStatus.None; // it came back empty
            },
            Bound,
            "the other replica has noticed too");
    }

    [Fact]
    public async Task While_Redis_is_frozen_one_request_pays_for_the_timeout_and_the_next_ones_do_not()
    {
        var a = await ReplicaAsync();
        var ids = new List<SessionId>();
        for (var i = 0; i < 20; i++)
            ids.Add(await a.SignInAsync(Clock));
        Clock.Advance(a.Options.CopyFor);
        redis.Freeze();
        try
        {
            Assert.Equal(SessionStatus.Found, await a.StatusAsync(ids[0]));
            foreach (var id in ids)
            {
                var served = a.Sessions.FindAsync(id, default);
                Assert.True(served.IsCompletedSuccessfully);
                Assert.Equal(SessionStatus.Found, (await served).Status);
            }
        }
        finally
        {
            redis.Thaw();
        }
    }

    protected override async Task<IStore> OpenAsync() =>
        await RedisStore.ConnectAsync(new StoreOptions { Redis = redis.Configuration, Timeout = TimeSpan.FromSeconds(3) }, NullLogger.Instance);

    private async Task<long> CountAsync() =>
        (await redis.CommandStatsAsync()).Where(command => !Upkeep.Contains(command.Key.Split('|')[0])).Sum(command => command.Value);

    private async Task<TimeSpan> LifeAsync(SessionId id)
    {
        var hash = new byte[32];
        id.CopyTo(hash);
        return TimeSpan.FromMilliseconds((long)(await redis.AskAsync("PTTL", "orggw:" + StoreKey.OfHash("session", hash)))!);
    }
}
