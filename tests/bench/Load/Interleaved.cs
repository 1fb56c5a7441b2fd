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

    // In two passes: what a runtime compiles anew after the first requests it compiles while others are warmed. A process that is asked in
    // several ways is warmed by all of them, one that is asked in one way must not be measured colder for that.
    private async Task WarmAsync(IReadOnlyList<Target> targets)
    {
        for (var pass = 0; pass < 2; pass++)
        {
            var seen = new HashSet<int>();
            foreach (var target in targets)
                await Slice.RunAsync(target, cookie, seen.Add(target.ProcessId) ? Math.Max(settings.Warm / 2, 1) : 1, settings.Conns);
        }
    }

    /// <returns>The reference first, then each target in its order.</returns>
    public async Task<IReadOnlyList<Measured>> RunAsync(IReadOnlyList<Target> targets)
    {
        await WarmAsync([reference, .. targets]);
        var (ofReference, measured) = (new Measured(reference), targets.Select(target => new Measured(target)).ToList());
        for (var round = 0; round < settings.Rounds; round++)
        {
            var before = await ReferenceAsync();
            foreach (var target in measured)
            {
                var slice = await _meter.MeasureAsync(target.Target, settings.Secs);
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
