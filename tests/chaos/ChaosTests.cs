using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.SignIn;
using Xunit.Abstractions;

namespace OrgGateway.Tests.Chaos;

/// <summary>Faults, one after the other, under load. All of them with <c>tests/chaos/run</c>; a few on every run of the tests.</summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(3);

    // Until subscriptions are restored and what was missed meanwhile has been read again.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(4);

    [Fact]
    [Trait("Row", "T142")]
    [Trait("Row", "T146")]
    public async Task Nobody_is_signed_out_or_mixed_up_or_let_in_again_by_faults_under_load()
    {
        var full = Environment.GetEnvironmentVariable("CHAOS") == "full";
        await using var servers = await ChaosServers.StartAsync(full ? TimeSpan.FromSeconds(40) : TimeSpan.FromMinutes(5));
        var counts = new ChaosCounts();
        using var load = new ChaosLoad(servers, counts);
        using var end = new CancellationTokenSource();
        var clients = new List<Task> { load.RevokeAsync(end.Token) };
        foreach (var (email, organizations) in new (string, string[])[] { ("alice@acme.test", ["acme", "globex"]), ("bob@globex.test", ["globex"]), ("carol@initech.test", ["initech", "acme", "globex"]), ("carol@initech.test", ["acme", "globex"]) })
        {
            using var browser = await servers.Stack.SignedInAsync(email);
            var cookie = servers.Stack.SessionOf(browser)!;
            var subject = (await StoredSession.ReadAsync(servers.Redis, cookie)).Subject;
            clients.Add(load.WorkAsync(email, cookie, subject, organizations, end.Token));
        }
        foreach (var (name, begin, stop) in full ? Script(servers) : Script(servers).Where((_, i) => i is 0 or 11).ToList())
        {
            await servers.ReadyAsync();
            await Task.Delay(Settling);
            load.Settled(true);
            await Task.Delay(full ? TimeSpan.FromSeconds(2) : TimeSpan.FromSeconds(1.5)); // some revocations without a fault
            load.Settled(false);
            var before = counts.Requests;
            await begin();
            await Task.Delay(Held);
            await stop();
            Say($"{name,-44} {counts.Requests - before} requests");
        }
        await servers.ReadyAsync();
        await Task.Delay(Settling);
        var good = counts.Good;
        await Wait.UntilAsync(() => counts.Good > good + 20, TimeSpan.FromSeconds(30), "work goes on");
        await end.CancelAsync();
        await Task.WhenAll(clients);
        Say(counts.Report());
        Assert.True(counts.Requests > 100 && counts.Revocations > 0);
        Assert.True((counts.SignOuts, counts.Wrong, counts.LetThrough) == (0, 0, 0), counts.Report());
    }

    private static List<(string Name, Func<Task> Begin, Func<Task> End)> Script(ChaosServers servers)
    {
        var provider = servers.Stack.Provider;
        (string, Func<Task>, Func<Task>) Network(string name, Fault fault, params int[] replicas) =>
            (name, () => Each(fault, replicas), () => Each(Fault.None, replicas));
        (string, Func<Task>, Func<Task>) Token(string name, EndpointFault fault) => (name, () => Do(() => provider.Faults.Token = fault), () => Do(() => provider.Faults.Token = null));
        (string, Func<Task>, Func<Task>) Once(string name, Func<Task> act) => (name, act, () => Task.CompletedTask);
        Task Each(Fault fault, int[] replicas) => Do(() => Array.ForEach(replicas, r => servers.Networks[r].Set(fault)));
        return
        [
            Network("the network of all replicas is cut", Fault.Cut, 0, 1, 2),
            Network("the network of one replica is cut", Fault.Cut, 1),
            Network("the network of one replica stalls", Fault.Stall, 2),
            Network("the network of all replicas stalls", Fault.Stall, 0, 1, 2),
            Network("the network of all replicas is slow", Fault.Slow, 0, 1, 2),
            Network("one replica's connections are half open", Fault.HalfOpen, 0),
            Network("all connections are half open", Fault.HalfOpen, 0, 1, 2),
            Once("connections are reset a hundred times", async () =>
            {
                for (var i = 0; i < 100; i++)
                {
                    servers.Networks[i % 3].CutAll();
                    await Task.Delay(20);
                }
            }),
            ("Redis is frozen", () => Do(servers.Redis.Freeze), () => Do(servers.Redis.Thaw)),
            ("Redis is killed and restarted", servers.Redis.KillAsync, servers.Redis.StartAgainAsync),
            Once("Redis takes no command for two seconds", () => servers.Redis.AskAsync("CLIENT", "PAUSE", "2000", "ALL")),
            Token("the token endpoint answers 503", new() { Status = 503 }),
            Token("the token endpoint answers 429", new() { Status = 429 }),
            Token("the token endpoint never answers", new() { Hangs = true }),
            Token("the token endpoint breaks connections", new() { Breaks = true }),
            Once("Redis kills every client", () => servers.Redis.AskAsync("CLIENT", "KILL", "TYPE", "normal")),
            Once("Redis kills every subscription", () => servers.Redis.AskAsync("CLIENT", "KILL", "TYPE", "pubsub")),
            ("a gateway is stopped and started", () => servers.StopGatewayAsync(1, kill: false), () => servers.StartGatewayAsync(1)),
            ("a gateway is killed and started", () => servers.StopGatewayAsync(2, kill: true), () => servers.StartGatewayAsync(2)),
            ("the upstream is gone", () => servers.Stack.Upstream.StopAsync(), () => servers.Stack.Upstream.StartAsync()),
        ];
    }

    private static Task Do(Action act)
    {
        act();
        return Task.CompletedTask;
    }

    private void Say(string line)
    {
        output.WriteLine(line);
        if (Environment.GetEnvironmentVariable("CHAOS_REPORT") is { Length: > 0 } report)
            File.AppendAllText(report, line + "\n");
    }
}
