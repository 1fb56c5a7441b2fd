using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Chaos;

namespace OrgGateway.Soak;

/// <summary>Two gateways under steady traffic of every kind, for long: nothing may grow, and nothing may fail.</summary>
internal sealed class SoakRun(TextWriter output)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongEnough = TimeSpan.FromMinutes(20); // for a trend; before that a process is still warming up
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private static readonly (string Email, string Subject, string[] Organizations)[] People =
        [("alice@acme.test", "u-alice", ["acme", "globex"]), ("bob@globex.test", "u-bob", ["globex"]), ("carol@initech.test", "u-carol", ["initech", "acme", "globex"])];

    // Access tokens of a minute; sessions end soon, and their entries in the indexes with them; so few copies that their bound is reached early.
    private static readonly FleetOptions Options = new()
    {
        Gateways = 2,
        AccessTokenLifetime = TimeSpan.FromMinutes(1),
        Configure = configuration => configuration["Gateway"]!["Sessions"] = new JsonObject { ["CopyFor"] = "00:00:15", ["IdleTimeout"] = "00:02:00", ["AbsoluteTimeout"] = "00:10:00", ["CopyLimit"] = 100 },
    };

    /// <returns>The exit code: 1 when something grew, failed, or was wrong.</returns>
    public async Task<int> RunAsync(TimeSpan length, CancellationToken cancelled)
    {
        var (table, samples) = (new FaultTable(), new List<Sample>());
        await using var fleet = await Fleet.StartAsync(Options);
        using var traffic = new FleetTraffic(fleet, table);
        var sockets = new FleetSockets(fleet, table, traffic);
        using var leavers = new FleetLeavers(fleet, table, traffic, sockets);
        var phase = table.Begin(new($"{length.TotalMinutes:0} minutes") { MayFailNothing = true });
        table.Settled(true);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        var clients = Start(traffic, sockets, leavers, end.Token);
        using var sampler = new Sampler(fleet, phase);
        var began = Stopwatch.GetTimestamp();
        await output.WriteLineAsync(Row("minute", "requests", "failed", Enumerable.Range(1, fleet.Count).Select(i => $"gateway {i}: RSS, heap MiB, threads, fds, sockets, copies, CPU"), "Redis: keys, MiB"));
        using var pacer = new PeriodicTimer(Every);
        do
        {
            samples.Add(await sampler.TakeAsync(Stopwatch.GetElapsedTime(began)));
            await output.WriteLineAsync(RowOf(samples[^1], samples.Count > 1 ? samples[^2] : null));
            await output.FlushAsync(CancellationToken.None);
        }
        while (Stopwatch.GetElapsedTime(began) < length && await FleetTraffic.NextAsync(pacer, end.Token));
        await end.CancelAsync();
        await Task.WhenAll(clients);
        return await JudgeAsync(table, phase, samples);
    }

    // A bit less than two hundred requests a second.
    private static List<Task> Start(FleetTraffic traffic, FleetSockets sockets, FleetLeavers leavers, CancellationToken end)
    {
        var clients = new List<Task> { leavers.ComeAndGoAsync(TimeSpan.FromSeconds(4), end), PassByAsync(traffic, end) };
        for (var i = 0; i < 14; i++)
        {
            var (email, subject, organizations) = People[i % People.Length];
            var stays = TimeSpan.FromSeconds(20 + 5 * i);
            clients.Add(LaterAsync(i, () => traffic.BrowseAsync(email, subject, organizations, Pace, end, anew: 3000), end));
            if (i < 9)
                clients.Add(LaterAsync(i, () => sockets.StayAsync(email, subject, organizations[0], Pace * 5, stays, end, anew: true), end));
        }
        for (var i = 0; i < 2; i++)
        {
            clients.Add(traffic.CallWithKeyAsync(Pace, end));
            clients.Add(traffic.CallWithTokenAsync(Pace, end));
        }
        return clients;
    }

    // One after another: two dozen sign-ins in the first second are a test of the provider's cold start, not of a long run.
    private static async Task LaterAsync(int turn, Func<Task> client, CancellationToken end)
    {
        using var pacer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var i = 0; i < turn; i++)
            await FleetTraffic.NextAsync(pacer, end);
        await client();
    }

    // People who sign in and never come back: their sessions end by themselves.
    private static async Task PassByAsync(FleetTraffic traffic, CancellationToken end)
    {
        using var pacer = new PeriodicTimer(TimeSpan.FromSeconds(5));
        for (var i = 0; await FleetTraffic.NextAsync(pacer, end); i++)
            await traffic.SignInAsync(People[i % People.Length].Email);
    }

    private async Task<int> JudgeAsync(FaultTable table, FaultPhase phase, List<Sample> samples)
    {
        var half = samples.Where(sample => sample.At >= samples[^1].At / 2).ToList();
        await output.WriteLineAsync($"\n{"",-48} {"start",9} {"middle",9} {"end",9} {"an hour",9} {"at most",9}");
        var grew = 0;
        foreach (var measure in Measure.All(samples[0].Gateways.Count))
        {
            var slope = measure.Slope(half);
            var isFlat = slope <= measure.Most || samples[^1].At < LongEnough;
            grew += isFlat ? 0 : 1;
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{measure.Name,-44} {measure.Unit,-3} {measure.Of(samples[0]),9:0.0} {measure.Of(half[0]),9:0.0} {measure.Of(samples[^1]),9:0.0} {slope,9:+0.0;-0.0} {measure.Most,9:0.0}{(isFlat ? "" : "  GROWS")}"));
        }
        await output.WriteLineAsync("\n" + FaultTable.Header);
        await output.WriteLineAsync(FaultTable.Row(phase));
        var breaches = table.Breaches();
        foreach (var line in breaches.Append(table.Evidence()))
            await output.WriteLineAsync(line);
        await output.WriteLineAsync(grew == 0 && breaches.Length == 0 ? (samples[^1].At < LongEnough ? "nothing failed; too short to tell whether anything grows" : "flat, and nothing failed") : $"{grew} measures grow, {breaches.Length} breaches");
        return grew == 0 && breaches.Length == 0 ? 0 : 1;
    }

    private static string RowOf(Sample sample, Sample? before) => Row(
        Text(sample.At.TotalMinutes, "0.0"), $"{sample.Requests}", $"{sample.Failed}",
        sample.Gateways.Select((gateway, i) =>
            $"{Text(gateway.ResidentMiB, "0")}, {Text(gateway.HeapMiB, "0.0")}, {gateway.Threads}, {gateway.Descriptors}, {gateway.Sockets}, {gateway.Copies}, "
            + (before is null ? "-" : Text((gateway.CpuSeconds - before.Gateways[i].CpuSeconds) / (sample.At - before.At).TotalSeconds, "0.000"))),
        $"{sample.RedisKeys}, {Text(sample.RedisMiB, "0.00")}");

    private static string Row(string minute, string requests, string failed, IEnumerable<string> gateways, string redis) =>
        $"{minute,8} {requests,9} {failed,7}  {string.Join("  ", gateways.Select(gateway => $"{gateway,-50}"))}  {redis}";

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
