using System.Globalization;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Bench.Load;

/// <summary>
/// Measures proxies side by side. Every slice of a target stands between two slices of bare YARP and is compared with their mean:
/// what else the machine does meanwhile slows all three.
/// </summary>
public sealed class Comparison(TextWriter output, Settings settings)
{
    private readonly List<Slice> _bare = [];
    private readonly Dictionary<string, long> _redisCommands = [];

    /// <returns>The exit code: 1 when any request failed.</returns>
    public async Task<int> RunAsync(bool withGateway, bool machines = false)
    {
        await using var testbed = new Testbed();
        await testbed.StartUpstreamAsync();
        var bare = await testbed.StartBareYarpAsync("bare YARP");
        List<Target> targets = [await testbed.StartBareYarpAsync("bare YARP again")];
        var cookie = $"__Host-orggw={new string('A', 43)}";
        if (withGateway)
        {
            // By address, as the bare proxies: a name may resolve to another protocol.
            var url = new Uri($"http://127.0.0.1:{FreePort.Next()}");
            await testbed.StartRedisAsync();
            var gateway = await testbed.StartGatewayAsync(url, await testbed.StartProviderAsync(url), machines);
            targets.Add(gateway);
            var page = new Uri(url, $"{GatewayConfiguration.Path}?headers");
            using var browser = new SignIn();
            cookie = await browser.AtAsync(page, "alice@acme.test", "demo");
            await RequireIdentityAsync(page, cookie);
            if (machines)
                targets.AddRange(await testbed.MachinesOfAsync(gateway));
        }

        await output.WriteLineAsync(
            $"{settings.Rounds} rounds of {settings.Secs} s, {settings.Conns} connections, {Environment.ProcessorCount} cores, "
            + (Settings.ProxyCores is { } cores ? $"proxies on {cores}, load on {Settings.LoadCores}" : "not pinned"));
        foreach (var target in targets.Prepend(bare)) await Slice.RunAsync(target, cookie, settings.Warm, settings.Conns);
        var meter = new Meter(testbed, settings, cookie);

        var compared = targets.ToDictionary(target => target, _ => new List<ComparedSlice>());
        for (var round = 0; round < settings.Rounds; round++)
        {
            var before = await BareAsync();
            foreach (var target in targets)
            {
                var slice = target.IsGateway ? await WithRedisCountAsync(target) : await MeasureAsync(target);
                var after = await BareAsync();
                compared[target].Add(new ComparedSlice(slice, before, after));
                before = after;
            }
        }
        var exitCode = await ReportAsync(compared);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"Other programs kept {_bare.Max(slice => slice.OthersCores):0.00} cores busy at most; slices measured again for that: {meter.Retried}"));
        return exitCode;

        Task<Slice> MeasureAsync(Target target) => meter.MeasureAsync(target, settings.Secs);

        async Task<Slice> BareAsync()
        {
            var slice = await MeasureAsync(bare);
            _bare.Add(slice);
            return slice;
        }

        async Task<Slice> WithRedisCountAsync(Target target)
        {
            var before = await RedisCommands.CountAsync(testbed.RedisPort);
            var slice = await MeasureAsync(target);
            foreach (var (command, count) in RedisCommands.Between(before, await RedisCommands.CountAsync(testbed.RedisPort)))
                _redisCommands[command] = _redisCommands.GetValueOrDefault(command) + count;
            return slice;
        }
    }

    /// <summary>Proves that the measured request is one with an identity and a token, not a redirect or a refusal.</summary>
    private static async Task RequireIdentityAsync(Uri page, string cookie)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, page);
        request.Headers.TryAddWithoutValidation("Cookie", cookie);
        using var answer = await http.SendAsync(request);
        var headers = (await answer.Content.ReadAsStringAsync()).Split('\n');
        string[] required = ["X-Auth-User-Id: alice", "X-Auth-Org-Slug: acme", "X-Auth-Roles: admin", "Authorization: Bearer ey"];
        foreach (var header in required)
        {
            if (!headers.Any(line => line.StartsWith(header, StringComparison.OrdinalIgnoreCase)))
                throw new InvalidOperationException($"the upstream did not receive {header}: {(int)answer.StatusCode}, {string.Join(", ", headers.Select(line => line.Split(':')[0]))}");
        }
    }

    private async Task<int> ReportAsync(Dictionary<Target, List<ComparedSlice>> compared)
    {
        await output.WriteLineAsync($"{"",-17}{"rps",9}{"p50 ms",9}{"p99 ms",9}{"rps ratio",11}{"(min-max)",14}{"CPU us/req",12}{"CPU ratio",11}{"(min-max)",14}{"bad",6}");
        await RowAsync("bare YARP", _bare, null, null);
        foreach (var (target, slices) in compared)
            await RowAsync(target.Name, [.. slices.Select(slice => slice.Slice)], [.. slices.Select(slice => slice.RpsRatio)], [.. slices.Select(slice => slice.CpuRatio)]);

        var measured = compared.Where(pair => pair.Key.IsGateway).SelectMany(pair => pair.Value).Sum(slice => slice.Slice.Requests);
        if (measured > 0)
        {
            var commands = _redisCommands.Values.Sum();
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"Redis commands in {measured} measured requests: {commands}, {(double)commands / measured:0.######} a request {string.Join(' ', _redisCommands.Select(command => $"{command.Key}={command.Value}"))}"));
        }
        return _bare.Concat(compared.Values.SelectMany(slices => slices.Select(slice => slice.Slice))).Sum(slice => slice.Bad) == 0 ? 0 : 1;
    }

    private Task RowAsync(string name, IReadOnlyList<Slice> slices, double[]? rps, double[]? cpu) => output.WriteLineAsync(string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-17}{Median(slices.Select(slice => slice.Rps)),9:0}{Median(slices.Select(slice => slice.P50)),9:0.00}{Median(slices.Select(slice => slice.P99)),9:0.00}{Ratio(rps)}{Median(slices.Select(slice => slice.CpuPerRequest)),12:0.0}{Ratio(cpu)}{slices.Sum(slice => slice.Bad),6}"));

    private static string Ratio(double[]? ratios) => ratios is null
        ? $"{"1",11}{"",14}"
        : string.Create(CultureInfo.InvariantCulture, $"{Median(ratios),11:0.00}{$"{ratios.Min():0.00}-{ratios.Max():0.00}",14}");

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private sealed record ComparedSlice(Slice Slice, Slice Before, Slice After)
    {
        public double RpsRatio => Slice.Rps / ((Before.Rps + After.Rps) / 2);

        public double CpuRatio => Slice.CpuPerRequest / ((Before.CpuPerRequest + After.CpuPerRequest) / 2);
    }
}
