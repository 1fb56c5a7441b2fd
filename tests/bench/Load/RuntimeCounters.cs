using System.Globalization;
using System.Text.RegularExpressions;

namespace OrgGateway.Bench.Load;

/// <summary>What a proxy's runtime counted since its start.</summary>
/// <param name="Allocated">Bytes.</param>
public sealed partial record RuntimeCounters(double Allocated, double Collections)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };

    /// <param name="metrics">Where the proxy shows its metrics in Prometheus' text format; null: nowhere.</param>
    public static async Task<RuntimeCounters> ReadAsync(Uri? metrics)
    {
        if (metrics is null)
            return new(0, 0);
        var text = await Http.GetStringAsync(metrics);
        return new(Sum(Allocations(), text), Sum(Gcs(), text));
    }

    private static double Sum(Regex series, string text) => series.Matches(text).Sum(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^dotnet_gc_heap_total_allocated\S* (\S+)", RegexOptions.Multiline)] private static partial Regex Allocations();
    [GeneratedRegex(@"^dotnet_gc_collections\S* (\S+)", RegexOptions.Multiline)] private static partial Regex Gcs();
}
