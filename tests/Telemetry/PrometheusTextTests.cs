using System.Diagnostics.Metrics;
using OrgGateway.Telemetry;

namespace OrgGateway.Tests.Telemetry;

/// <summary>The exposition format by itself, over a meter of the gateway's name.</summary>
public sealed class PrometheusTextTests : IDisposable
{
    private readonly Meter _meter = new(GatewayMeter.Name);
    private readonly string _prefix = "t" + Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void Counters_gauges_and_histograms_have_their_names_units_and_labels()
    {
        using var collector = new MetricsCollector(new());
        var counter = _meter.CreateCounter<long>(_prefix + ".hits", "{hit}", "Hits");
        var seconds = _meter.CreateHistogram<double>(_prefix + ".wait", "ms", "Waits", advice: new() { HistogramBucketBoundaries = [10d, 100d] });
        _ = _meter.CreateObservableGauge(_prefix + ".thing.count", () => 3, null, "Things");

        counter.Add(2, new KeyValuePair<string, object?>("kind.of", "a\"b\\c\nd"));
        counter.Add(3, new KeyValuePair<string, object?>("kind.of", "a\"b\\c\nd"));
        seconds.Record(50);
        seconds.Record(500);

        var lines = Lines(collector);
        Assert.Contains($"# TYPE {_prefix}_hits_total counter", lines);
        Assert.Contains($"# HELP {_prefix}_hits_total Hits", lines);
        Assert.Contains(_prefix + "_hits_total{kind_of=\"a\\\"b\\\\c\\nd\"} 5", lines);
        Assert.Contains($"{_prefix}_things 3", lines);
        Assert.Equal(
            [
                $"{_prefix}_wait_seconds_bucket{{le=\"0.01\"}} 0", $"{_prefix}_wait_seconds_bucket{{le=\"0.1\"}} 1",
                $"{_prefix}_wait_seconds_bucket{{le=\"+Inf\"}} 2", $"{_prefix}_wait_seconds_sum 0.55", $"{_prefix}_wait_seconds_count 2",
            ],
            lines.Where(l => l.StartsWith(_prefix + "_wait", StringComparison.Ordinal)));
    }

    [Fact]
    public void Labels_beyond_the_bound_share_one_series()
    {
        using var collector = new MetricsCollector(new() { MaxSeries = 10 });
        var counter = _meter.CreateCounter<long>(_prefix + ".grown");
        for (var i = 0; i < 1_000; i++)
            counter.Add(1, new KeyValuePair<string, object?>("org", i));
        var lines = Lines(collector).Where(l => l.StartsWith(_prefix + "_grown_total", StringComparison.Ordinal)).ToList();
        Assert.Equal(11, lines.Count);
        Assert.Contains($"{_prefix}_grown_total{{otel_metric_overflow=\"true\"}} 990", lines);
    }

    [Fact]
    public void An_observation_that_is_made_no_more_is_not_shown_any_more()
    {
        using var collector = new MetricsCollector(new() { MaxSeries = 10 });
        var organizations = new List<string> { "acme", "globex" };
        _ = _meter.CreateObservableGauge(_prefix + ".age", () => organizations.Select(o => new Measurement<int>(1, new KeyValuePair<string, object?>("org", o))));
        Assert.Equal(2, Lines(collector).Count(l => l.StartsWith(_prefix + "_age{", StringComparison.Ordinal)));
        organizations.Remove("acme");
        Assert.Equal([$"{_prefix}_age{{org=\"globex\"}} 1"], Lines(collector).Where(l => l.StartsWith(_prefix + "_age{", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Threads_that_count_at_once_lose_nothing()
    {
        using var collector = new MetricsCollector(new());
        var counter = _meter.CreateCounter<long>(_prefix + ".raced");
        var waits = _meter.CreateHistogram<double>(_prefix + ".waited", "s");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("worker", worker % 2));
                waits.Record(1);
            }
        })));
        var lines = Lines(collector);
        Assert.Contains($"{_prefix}_raced_total{{worker=\"0\"}} 40000", lines);
        Assert.Contains($"{_prefix}_raced_total{{worker=\"1\"}} 40000", lines);
        Assert.Contains($"{_prefix}_waited_seconds_count 80000", lines);
        Assert.Contains($"{_prefix}_waited_seconds_sum 80000", lines);
    }

    private static string[] Lines(MetricsCollector collector) => PrometheusText.Of(collector).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
