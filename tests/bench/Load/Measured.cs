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
    public Dictionary<string, long> RedisCommands { get; } = [];

    public long Requests => Slices.Sum(slice => slice.Requests);

    public void Add(Slice slice) => Slices.Add(slice);

    public void Add(Slice slice, Slice before, Slice after)
    {
        Slices.Add(slice);
        RpsRatios.Add(slice.Rps / ((before.Rps + after.Rps) / 2));
        CpuRatios.Add(slice.CpuPerRequest / ((before.CpuPerRequest + after.CpuPerRequest) / 2));
    }

    public void Add(Dictionary<string, long> commands)
    {
        foreach (var (command, count) in commands)
            RedisCommands[command] = RedisCommands.GetValueOrDefault(command) + count;
    }
}
