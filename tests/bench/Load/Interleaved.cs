namespace OrgGateway.Bench.Load;

/// <summary>
/// Measures targets beside one of them. Every slice of a target stands between two slices of the reference and is compared with their mean:
/// what else the machine does meanwhile slows all three.
/// </summary>
public sealed class Interleaved(Testbed testbed, Settings settings, Target reference, string cookie)
{
    private readonly Meter _meter = new(testbed, settings, cookie);

    public int Retried => _meter.Retried;

    /// <summary>The most CPU cores that other programs kept busy during a slice of the reference.</summary>
    public double OthersCores { get; private set; }

    /// <returns>The reference first, then each target in its order.</returns>
    public async Task<IReadOnlyList<Measured>> RunAsync(IReadOnlyList<Target> targets)
    {
        foreach (var target in targets.Prepend(reference))
            await Slice.RunAsync(target, cookie, settings.Warm, settings.Conns);
        var (ofReference, measured) = (new Measured(reference), targets.Select(target => new Measured(target)).ToList());
        for (var round = 0; round < settings.Rounds; round++)
        {
            var before = await ReferenceAsync();
            foreach (var target in measured)
            {
                var asked = target.Target.IsGateway ? await RedisCommands.CountAsync(testbed.RedisPort) : [];
                var slice = await _meter.MeasureAsync(target.Target, settings.Secs);
                if (target.Target.IsGateway)
                    target.Add(RedisCommands.Between(asked, await RedisCommands.CountAsync(testbed.RedisPort)));
                var after = await ReferenceAsync();
                target.Add(slice, before, after);
                before = after;
            }
        }
        return [ofReference, .. measured];

        async Task<Slice> ReferenceAsync()
        {
            var slice = await _meter.MeasureAsync(reference, settings.Secs);
            ofReference.Add(slice);
            OthersCores = Math.Max(OthersCores, slice.OthersCores);
            return slice;
        }
    }
}
