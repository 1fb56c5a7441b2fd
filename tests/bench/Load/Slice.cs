namespace OrgGateway.Bench.Load;

/// <summary>One run of the load against one target.</summary>
/// <param name="CpuPerRequest">CPU time of the proxy for a request, in microseconds.</param>
public sealed record Slice(LoadReport Report, double CpuPerRequest)
{
    public double Rps => Report.Rps;

    public long Requests => Report.Requests;

    public long Bad => Report.Bad;

    /// <summary>Bytes that the proxy allocated for a request; null: it does not say.</summary>
    public double? AllocatedPerRequest { get; init; }

    /// <summary>Garbage collections of the proxy in a second; null: it does not say.</summary>
    public double? CollectionsPerSecond { get; init; }

    /// <summary>Memory of the proxy at the end.</summary>
    public long ResidentBytes { get; init; }

    /// <summary>What Redis was asked meanwhile, of a gateway.</summary>
    public IReadOnlyDictionary<string, long> RedisCommands { get; init; } = new Dictionary<string, long>();

    /// <summary>CPU cores that other programs kept busy meanwhile.</summary>
    public double OthersCores { get; init; }

    public static async Task<Slice> RunAsync(Target target, string cookie, int seconds, int connections)
    {
        var counted = await RuntimeCounters.ReadAsync(target.Metrics);
        var before = CpuTime.OfProcess(target.ProcessId);
        var report = await target.Load.RunAsync(target, cookie, seconds, connections);
        var ticks = CpuTime.OfProcess(target.ProcessId) - before;
        var counts = await RuntimeCounters.ReadAsync(target.Metrics);
        return new Slice(report, ticks / CpuTime.TicksPerSecond * 1e6 / Math.Max(report.Requests, 1))
        {
            AllocatedPerRequest = target.Metrics is null ? null : (counts.Allocated - counted.Allocated) / Math.Max(report.Requests, 1),
            CollectionsPerSecond = target.Metrics is null ? null : (counts.Collections - counted.Collections) / seconds,
            ResidentBytes = ProcessTree.ResidentBytes(target.ProcessId),
        };
    }
}
