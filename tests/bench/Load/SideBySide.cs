using System.Globalization;

namespace OrgGateway.Bench.Load;

/// <summary>Compares targets with one of them.</summary>
public sealed class SideBySide(TextWriter output, Testbed testbed, Settings settings, Target reference, string cookie)
{
    private const int Width = 34;

    /// <returns>The exit code: 1 when any request failed.</returns>
    public async Task<int> RunAsync(IReadOnlyList<Target> targets)
    {
        var interleaved = new Interleaved(testbed, settings, reference, cookie);
        var measured = await interleaved.RunAsync(targets);
        await output.WriteLineAsync($"{"",-Width}{"rate",7}{"(min-max)",14}{"CPU",9}{"(min-max)",14}");
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{reference.Name,-Width}{1,7}{"",14}{1,9}   {measured[0].Slices.Average(slice => slice.Rps):0} requests/s, {measured[0].Slices.Average(slice => slice.CpuPerRequest):0.0} us"));
        foreach (var of in measured.Skip(1))
            await output.WriteLineAsync($"{of.Target.Name,-Width}{Of(of.RpsRatios, 7)}{Of(of.CpuRatios, 9)}");
        var bad = measured.SelectMany(of => of.Slices).Sum(slice => slice.Bad);
        await output.WriteLineAsync($"failed requests {bad}; slices measured again because other programs were busy: {interleaved.Retried}");
        return bad == 0 ? 0 : 1;
    }

    private static string Of(IReadOnlyCollection<double> ratios, int width) => string.Create(
        CultureInfo.InvariantCulture, $"{Middle.Of(ratios).ToString("0.000", CultureInfo.InvariantCulture).PadLeft(width)}{$"{ratios.Min():0.00}-{ratios.Max():0.00}",14}");
}
