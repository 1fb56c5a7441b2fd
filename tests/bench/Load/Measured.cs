namespace OrgGateway.Bench.Load;

/// <summary>All slices of a target, each with its ratios to those of the reference around it.</summary>
public sealed class Measured(Target target)
{
    public Target Target => target;

    public List<Slice> Slices { get; } = [];

    /// <summary>None of the reference.</summary>
    public List<double> RpsRatios { get; } = [];

    public List<double> CpuRatios { get; } = [];

    /// <summary>What Redis was asked during the slices, of a gateway.</summary>
    public IReadOnlyDictionary<string, long> RedisCommands =>
        Slices.SelectMany(slice => slice.RedisCommands).GroupBy(command => command.Key).ToDictionary(of => of.Key, of => of.Sum(command => command.Value));

    public long Requests => Slices.Sum(slice => slice.Requests);

    public void Add(Slice slice) => Slices.Add(slice);

    public void Add(Slice slice, Slice before, Slice after)
    {
        Slices.Add(slice);
        RpsRatios.Add(slice.Rps / ((before.Rps + after.Rps) / 2));
        CpuRatios.Add(slice.CpuPerRequest / ((before.CpuPerRequest + after.CpuPerRequest) / 2));
    }
}
