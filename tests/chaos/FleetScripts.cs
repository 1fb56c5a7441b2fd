namespace OrgGateway.Tests.Chaos;

/// <summary>What happens to which fleet.</summary>
internal static class FleetScripts
{
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(3);

    public static (string Name, FleetOptions Options, Func<FleetRun, Task> Script) Short { get; } = ("two gateways", new() { Gateways = 2 }, ShortAsync);

    public static IReadOnlyList<(string Name, FleetOptions Options, Func<FleetRun, Task> Script)> All { get; } =
    [
        ("three gateways", new() { AccessTokenLifetime = TimeSpan.FromSeconds(40) }, PlainAsync),
    ];

    private static async Task ShortAsync(FleetRun run)
    {
        await RollAsync(run);
        await RestartRedisAsync(run);
    }

    private static async Task PlainAsync(FleetRun run)
    {
        await RollAsync(run);
        await RestartRedisAsync(run);
    }

    private static Task RollAsync(FleetRun run) => run.UnderAsync(
        new("rolling restart, one gateway after the other") { MayFailNothing = true },
        async () =>
        {
            for (var i = 0; i < run.Fleet.Count; i++)
                await run.Fleet.RestartGatewayAsync(i);
        },
        harmless: true);

    private static Task RestartRedisAsync(FleetRun run) => run.UnderAsync(
        new("Redis killed (SIGKILL), started again after 3 s"),
        async () =>
        {
            await run.Fleet.Redis.Primary.KillAsync();
            await Task.Delay(Held);
            await run.Fleet.Redis.Primary.StartAgainAsync();
        });
}
