using System.Globalization;

namespace OrgGateway.Bench.Load;

/// <summary>Prints what was measured, as rows of Markdown.</summary>
public sealed class ComparisonTable(TextWriter output, Settings settings)
{
    private static readonly (string Head, int Width)[] Columns =
    [
        ("", -40), ("rps", 7), ("p50 ms", 7), ("p99 ms", 7), ("rps ratio", 16), ("CPU us/req", 10), ("CPU ratio", 16), ("bytes/req", 9), ("GC/s", 5), ("Redis/req", 9), ("MiB", 5), ("bad", 5),
    ];

    /// <summary>Measures, and prints all of it.</summary>
    /// <returns>The exit code: 1 when any request failed.</returns>
    public async Task<int> OfAsync(Interleaved run, IReadOnlyList<Target> targets)
    {
        var measured = await run.RunAsync(targets);
        await HeadAsync();
        await RowsAsync(measured);
        return await EndAsync(measured, run);
    }

    public async Task HeadAsync()
    {
        await output.WriteLineAsync(
            $"{settings.Rounds} rounds of {settings.Secs} s, {Environment.ProcessorCount} cores, " + (Settings.ProxyCores is { } cores ? $"proxies on {cores}, load on {Settings.LoadCores}" : "not pinned"));
        await LineAsync(Columns.Select(column => column.Head));
        await output.WriteLineAsync("|" + string.Concat(Columns.Select(column => new string('-', Math.Abs(column.Width) + 2) + "|")));
    }

    public async Task RowsAsync(IReadOnlyList<Measured> rows, string prefix = "")
    {
        foreach (var row in rows)
            await LineAsync(
            [
                prefix + row.Target.Name, Text("0", Median(row, slice => slice.Rps)), Text("0.00", Median(row, slice => slice.Report.P50)), Text("0.00", Median(row, slice => slice.Report.P99)), Ratio(row.RpsRatios),
                Text("0.0", Median(row, slice => slice.CpuPerRequest)), Ratio(row.CpuRatios), Text("0", Median(row, slice => slice.AllocatedPerRequest)), Text("0.0", Median(row, slice => slice.CollectionsPerSecond)),
                row.Target.IsGateway ? Text("0.####", (double)row.RedisCommands.Values.Sum() / Math.Max(row.Requests, 1)) : "-", Text("0", Median(row, slice => slice.ResidentBytes / 1024.0 / 1024)), Text("0", row.Slices.Sum(slice => slice.Bad)),
            ]);
    }

    /// <returns>The exit code: 1 when any request failed.</returns>
    public async Task<int> EndAsync(IReadOnlyList<Measured> rows, params Interleaved[] runs)
    {
        var (commands, requests) = (rows.SelectMany(row => row.RedisCommands).GroupBy(command => command.Key).ToDictionary(of => of.Key, of => of.Sum(command => command.Value)), rows.Where(row => row.Target.IsGateway).Sum(row => row.Requests));
        if (requests > 0)
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Redis commands in {requests} measured requests: {commands.Values.Sum()} {string.Join(' ', commands.Select(command => $"{command.Key}={command.Value}"))}"));
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"Other programs kept {runs.Max(run => run.OthersCores):0.00} cores busy at most; slices measured again for that: {runs.Sum(run => run.Retried)}"));
        return rows.SelectMany(row => row.Slices).All(slice => slice.Bad == 0) ? 0 : 1;
    }

    private static string Ratio(List<double> ratios) =>
        ratios.Count == 0 ? "1" : string.Create(CultureInfo.InvariantCulture, $"{Middle.Of(ratios):0.00} ({ratios.Min():0.00}-{ratios.Max():0.00})");

    private static double? Median(Measured row, Func<Slice, double?> of) => row.Slices.Select(of).OfType<double>().ToArray() is { Length: > 0 } values ? Middle.Of(values) : null;

    private static string Text(string format, double? number) => number?.ToString(format, CultureInfo.InvariantCulture) ?? "-";

    private Task LineAsync(IEnumerable<string> cells) =>
        output.WriteLineAsync("| " + string.Join(" | ", cells.Zip(Columns, (cell, column) => column.Width < 0 ? cell.PadRight(-column.Width) : cell.PadLeft(column.Width))) + " |");
}
