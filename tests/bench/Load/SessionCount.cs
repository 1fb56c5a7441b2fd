using System.Diagnostics;
using System.Globalization;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Bench.Load;

/// <summary>Whether the number of sessions in the store slows a warm request, and what a copy in process costs.</summary>
public sealed class SessionCount(TextWriter output, Settings settings, int wanted)
{
    private const int Copies = 20_000;

    /// <returns>The exit code: 1 when a request failed, or asked Redis.</returns>
    public async Task<int> RunAsync()
    {
        await using var testbed = new Testbed();
        await testbed.StartUpstreamAsync();
        await testbed.StartRedisAsync();
        var bare = await testbed.StartBareYarpAsync("bare YARP");
        var url = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var gateway = await testbed.StartGatewayAsync(url, await testbed.StartProviderAsync(url));
        using var browser = new SignIn();
        var cookie = await browser.AtAsync(new Uri(url, GatewayConfiguration.Path), "alice@acme.test", "demo");
        var meter = new Meter(testbed, settings, cookie);
        foreach (var target in new[] { bare, gateway })
            await Slice.RunAsync(target, cookie, settings.Warm, settings.Conns);

        var one = await MeasureAsync("1 session");
        await using var farm = await SessionFarm.InRedisAsync(testbed.RedisPort);
        var (memory, commands, began) = (await RedisCommands.MemoryAsync(testbed.RedisPort), await RedisCommands.CountAsync(testbed.RedisPort), Stopwatch.GetTimestamp());
        await farm.SignInAsync(wanted);
        var (took, asked) = (Stopwatch.GetElapsedTime(began), RedisCommands.Between(commands, await RedisCommands.CountAsync(testbed.RedisPort)));
        await output.WriteLineAsync(Line($"{wanted} sessions stored in {took.TotalSeconds:0} s; Redis holds {(await RedisCommands.MemoryAsync(testbed.RedisPort) - memory) / 1024.0 / wanted:0.00} KiB for each, 2 KiB of tokens included"));
        await output.WriteLineAsync(Line($"Redis commands for each: {string.Join(", ", asked.OrderByDescending(command => command.Value).Select(command => $"{command.Key} {(double)command.Value / wanted:0.0}"))}"));
        var many = await MeasureAsync($"{wanted} sessions");
        await output.WriteLineAsync(Line($"rate with {wanted} sessions to that with one: {many.Ratio / one.Ratio:0.000} (1 is the same)"));

        await using var copies = SessionFarm.InMemory(Copies);
        await output.WriteLineAsync(Line($"memory of a session's copy in process: {await copies.BytesPerCopyAsync(await copies.SignInAsync(Copies)) / 1024:0.0} KiB, its tokens of 2 KiB included"));
        return one.Bad + many.Bad == 0 && one.PerRequest < 0.001 && many.PerRequest < 0.001 ? 0 : 1;

        // Each slice between two of bare YARP, whose mean it is compared with: what else the machine does slows all three.
        async Task<Measured> MeasureAsync(string name)
        {
            var (ratios, requests, bad, commands) = (new List<double>(), 0L, 0L, 0L);
            for (var round = 0; round < settings.Rounds; round++)
            {
                var before = await meter.MeasureAsync(bare, settings.Secs);
                var redis = await RedisCommands.CountAsync(testbed.RedisPort);
                var slice = await meter.MeasureAsync(gateway, settings.Secs);
                commands += RedisCommands.Between(redis, await RedisCommands.CountAsync(testbed.RedisPort)).Values.Sum();
                var after = await meter.MeasureAsync(bare, settings.Secs);
                ratios.Add(slice.Rps / ((before.Rps + after.Rps) / 2));
                (requests, bad) = (requests + slice.Requests, bad + slice.Bad);
            }
            ratios.Sort();
            var measured = new Measured(ratios[ratios.Count / 2], (double)commands / Math.Max(requests, 1), bad);
            await output.WriteLineAsync(Line($"{name,-16} rate to bare YARP's {measured.Ratio:0.00} ({ratios[0]:0.00}-{ratios[^1]:0.00}), Redis commands a request {measured.PerRequest:0.######}, bad {bad}"));
            return measured;
        }
    }

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);

    private sealed record Measured(double Ratio, double PerRequest, long Bad);
}
