using System.Globalization;
using System.Text;
using OrgGateway.Tests.Chaos;

namespace OrgGateway.Soak;

/// <summary>Reads what the system, the gateways' metrics and Redis say.</summary>
internal sealed class Sampler(Fleet fleet, FaultPhase phase) : IDisposable
{
    private const double MiB = 1024 * 1024;
    private const int CollectEvery = 6; // samples: rarely enough that memory is what it is without
    private int _samples;
    private readonly Dictionary<int, double> _heaps = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    public void Dispose() => _http.Dispose();

    public async Task<Sample> TakeAsync(TimeSpan at)
    {
        var gateways = new List<GatewaySample>();
        var collect = _samples++ % CollectEvery == 0;
        for (var i = 0; i < fleet.Count; i++)
            gateways.Add(await OfGatewayAsync(i, collect));
        var info = Encoding.ASCII.GetString((byte[])(await fleet.Redis.Primary.AskAsync("INFO", "memory"))!);
        var memory = double.Parse(info.Split("\r\n").First(line => line.StartsWith("used_memory:", StringComparison.Ordinal)).Split(':')[1], CultureInfo.InvariantCulture);
        return new(at, gateways, (long)(await fleet.Redis.Primary.AskAsync("DBSIZE"))!, memory / MiB, phase.Requests, phase.Failures.Values.Sum());
    }

    private async Task<GatewaySample> OfGatewayAsync(int gateway, bool collect)
    {
        var process = fleet.Gateway(gateway).ProcessId;
        if (collect)
            await FullCollection.AskAsync(process);
        var metrics = (await _http.GetStringAsync(new Uri(fleet.ManagementOf(gateway), "/metrics"))).Split('\n');
        if (collect)
            _heaps[gateway] = Metric(metrics, "dotnet_gc_last_collection_heap_size_bytes") / MiB;
        var status = await File.ReadAllLinesAsync($"/proc/{process}/status");
        return new(
            Field(status, "VmRSS:") / 1024, _heaps[gateway], Field(status, "Threads:"), Directory.GetFiles($"/proc/{process}/fd").Length,
            Metric(metrics, "orggateway_sockets_open"), Metric(metrics, "orggateway_sessions_copies"), CpuSeconds(process));
    }

    private static double CpuSeconds(int process) =>
        File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ')[11..13].Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture)) / 100;

    private static double Field(string[] status, string name) =>
        double.Parse(status.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    // The sum over its labels, such as the generations.
    private static double Metric(string[] lines, string name) => lines
        .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
