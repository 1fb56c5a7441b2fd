namespace OrgGateway.Soak;

/// <summary>One thing that has to stay as it is.</summary>
/// <param name="Most">How much it may grow in an hour, by the trend of the second half.</param>
internal sealed record Measure(string Name, string Unit, double Most, Func<Sample, double> Of)
{
    public static IReadOnlyList<Measure> All(int gateways) =>
    [
        .. Enumerable.Range(0, gateways).SelectMany(i => new Measure[]
        {
            new($"gateway {i + 1}: resident memory", "MiB", 12, sample => sample.Gateways[i].ResidentMiB),
            new($"gateway {i + 1}: managed heap, full collection", "MiB", 3, sample => sample.Gateways[i].HeapMiB),
            new($"gateway {i + 1}: threads", "", 4, sample => sample.Gateways[i].Threads),
            new($"gateway {i + 1}: file descriptors", "", 10, sample => sample.Gateways[i].Descriptors),
            new($"gateway {i + 1}: WebSockets", "", 4, sample => sample.Gateways[i].Sockets),
            new($"gateway {i + 1}: session copies", "", 20, sample => sample.Gateways[i].Copies),
        }),
        new("Redis: keys", "", 20, sample => sample.RedisKeys),
        new("Redis: memory", "MiB", 1, sample => sample.RedisMiB),
    ];

    /// <summary>Growth in an hour by the line of least squares.</summary>
    public double Slope(IReadOnlyList<Sample> samples)
    {
        var (x, y) = (samples.Average(sample => sample.At.TotalHours), samples.Average(Of));
        var spread = samples.Sum(sample => Math.Pow(sample.At.TotalHours - x, 2));
        return spread == 0 ? 0 : samples.Sum(sample => (sample.At.TotalHours - x) * (Of(sample) - y)) / spread;
    }
}
