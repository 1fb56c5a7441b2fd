using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Chaos;

/// <summary>What happens to which fleet.</summary>
internal static class FleetScripts
{
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(4);

    public static (string Name, FleetOptions Options, Func<FleetRun, Task> Script) Short { get; } = ("two gateways", new() { Gateways = 2 }, ShortAsync);

    // Access tokens so short that every fault meets refreshes.
    public static IReadOnlyList<(string Name, FleetOptions Options, Func<FleetRun, Task> Script)> All { get; } =
    [
        ("three gateways", new() { AccessTokenLifetime = TimeSpan.FromSeconds(30) }, ProcessesAsync),
        ("Redis with a sentinel", new() { Gateways = 2, Sentinel = true, AccessTokenLifetime = TimeSpan.FromSeconds(30) }, FailOverAsync),
        ("a small Redis, a clock, little memory", new()
        {
            Gateways = 2, DiskOfRedis = 256, AccessTokenLifetime = TimeSpan.FromSeconds(30),
            Environment = gateway => gateway == 0 ? SteppedClock.Environment : FewMegabytes.Environment, Configure = FewMegabytes.Configure,
        }, ResourcesAsync),
    ];

    private static async Task ShortAsync(FleetRun run)
    {
        await RollAsync(run);
        await RestartRedisAsync(run);
    }

    private static async Task ProcessesAsync(FleetRun run)
    {
        await RollAsync(run);
        await run.UnderAsync(new("a gateway killed (SIGKILL), started again after 4 s"), async () =>
        {
            await run.Fleet.KillGatewayAsync(1);
            await Task.Delay(Held);
            await run.Fleet.StartGatewayAsync(1);
        });
        await RestartRedisAsync(run);
        var faults = run.Fleet.Provider.Faults;
        await run.UnderAsync(new("the provider is away for 35 s, longer than its tokens live"), async () =>
        {
            faults.Token = faults.Discovery = faults.Jwks = faults.UserInfo = new EndpointFault { Breaks = true };
            await Task.Delay(TimeSpan.FromSeconds(35));
            faults.Token = faults.Discovery = faults.Jwks = faults.UserInfo = null;
        });
        await run.UnderAsync(new("the upstream is gone"), async () =>
        {
            await run.Fleet.StopUpstreamAsync();
            await Task.Delay(Held);
            await run.Fleet.StartUpstreamAsync();
        });
    }

    private static async Task FailOverAsync(FleetRun run)
    {
        await run.UnderAsync(new("Redis' primary killed, the sentinel promotes the replica"), run.Fleet.Redis.FailOverAsync);
        await run.UnderAsync(new("Redis switched over to its replica by an operator"), run.Fleet.Redis.SwitchOverAsync);
    }

    private static async Task ResourcesAsync(FleetRun run)
    {
        var redis = run.Fleet.Redis.Primary;
        await StepAsync(run, "one gateway's clock an hour ahead for 10 s", TimeSpan.FromHours(1));
        await StepAsync(run, "one gateway's clock an hour behind for 10 s", TimeSpan.FromHours(-1));
        await run.UnderAsync(new("Redis' disk is full"), async () =>
        {
            await redis.FillDiskAsync();
            await Task.Delay(Held);
            redis.FreeDisk();
        });
        await run.UnderAsync(new("Redis' memory is full, nothing may be evicted"), async () =>
        {
            await redis.AskAsync("CONFIG", "SET", "maxmemory", "1mb");
            await Task.Delay(Held);
            await redis.AskAsync("CONFIG", "SET", "maxmemory", "0");
        });
        await run.UnderAsync(new("12,000 sessions through a gateway of 100 MiB of heap") { MayFailNothing = true }, () => FewMegabytes.FillAsync(run.Fleet), harmless: true);
        await run.UnderAsync(new("Redis emptied (FLUSHALL)") { LosesSessions = true }, async () =>
        {
            await redis.FlushAsync();
            await Task.Delay(Held + Held); // longer than a copy counts
        });
    }

    private static Task StepAsync(FleetRun run, string name, TimeSpan step) => run.UnderAsync(new(name), async () =>
    {
        SteppedClock.Set(step);
        await Task.Delay(TimeSpan.FromSeconds(10));
        SteppedClock.Set(TimeSpan.Zero);
        await Task.Delay(TimeSpan.FromSeconds(10));
    });

    private static Task RollAsync(FleetRun run) => run.UnderAsync(
        new("rolling restart, one gateway after the other") { MayFailNothing = true },
        async () =>
        {
            for (var i = 0; i < run.Fleet.Count; i++)
                await run.Fleet.RestartGatewayAsync(i);
        },
        harmless: true);

    private static Task RestartRedisAsync(FleetRun run) => run.UnderAsync(
        new("Redis killed (SIGKILL), started again after 4 s"),
        async () =>
        {
            await run.Fleet.Redis.Primary.KillAsync();
            await Task.Delay(Held);
            await run.Fleet.Redis.Primary.StartAgainAsync();
        });
}
