using System.Globalization;

namespace OrgGateway.Bench.Load;

/// <summary>Compares targets with one of them: every slice of a target stands between two slices of it and is compared with their mean.</summary>
public sealed class SideBySide(TextWriter output, Testbed testbed, Settings settings, Target reference, string cookie)
{
    private const int Width = 34;

    /// <returns>The exit code: 1 when any request failed.</returns>
    public async Task<int> RunAsync(IReadOnlyList<Target> targets)
    {
        var meter = new Meter(testbed, settings, cookie);
        foreach (var target in targets.Prepend(reference))
            await Slice.RunAsync(target, cookie, settings.Warm, settings.Conns);
        var of = targets.ToDictionary(target => target, _ => new List<(double Rps, double Cpu)>());
        var (references, bad) = (new List<Slice>(), 0L);
        for (var round = 0; round < settings.Rounds; round++)
        {
            var before = await ReferenceAsync();
            foreach (var target in targets)
            {
                var slice = await meter.MeasureAsync(target, settings.Secs);
                var after = await ReferenceAsync();
                of[target].Add((slice.Rps / ((before.Rps + after.Rps) / 2), slice.CpuPerRequest / ((before.CpuPerRequest + after.CpuPerRequest) / 2)));
                (bad, before) = (bad + slice.Bad, after);
            }
        }
        await output.WriteLineAsync($"{"",-Width}{"rate",7}{"(min-max)",14}{"CPU",9}{"(min-max)",14}");
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{reference.Name,-Width}{1,7}{"",14}{1,9}   {references.Average(slice => slice.Rps):0} requests/s, {references.Average(slice => slice.CpuPerRequest):0.0} us"));
        foreach (var target in targets)
            await output.WriteLineAsync($"{target.Name,-Width}{Of(of[target].Select(slice => slice.Rps), 7)}{Of(of[target].Select(slice => slice.Cpu), 9)}");
        bad += references.Sum(slice => slice.Bad);
        await output.WriteLineAsync($"failed requests {bad}; slices measured again because other programs were busy: {meter.Retried}");
        return bad == 0 ? 0 : 1;

        async Task<Slice> ReferenceAsync()
        {
            var slice = await meter.MeasureAsync(reference, settings.Secs);
            references.Add(slice);
            return slice;
        }
    }

    private static string Of(IEnumerable<double> ratios, int width)
    {
        var sorted = ratios.Order().ToArray();
        var median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        return string.Create(CultureInfo.InvariantCulture, $"{median.ToString("0.000", CultureInfo.InvariantCulture).PadLeft(width)}{$"{sorted[0]:0.00}-{sorted[^1]:0.00}",14}");
    }
}
