using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Label = System.Collections.Generic.KeyValuePair<string, object?>;

namespace OrgGateway.Telemetry;

internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>The series of one instrument, never more than a bound: a label that grows without end costs one series, not the memory.</summary>
internal sealed class InstrumentSeries
{
    // OpenTelemetry's own defaults are of milliseconds; ours are seconds, from a warm request to a slow provider.
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    private static readonly Label[] Overflow = [new("otel.metric.overflow", "true")];
    private readonly ConcurrentDictionary<Label[], Series> _series = new(LabelSet.Comparer);
    private readonly ConcurrentDictionary<Label[], Series>.AlternateLookup<ReadOnlySpan<Label>> _lookup;
    private readonly int _limit;
    private readonly double _scale;
    private int _count;

    public InstrumentSeries(Instrument instrument, int limit)
    {
        (Instrument, _limit) = (instrument, limit);
        _lookup = _series.GetAlternateLookup<ReadOnlySpan<Label>>();
        _scale = instrument.Unit == "ms" ? 0.001 : 1; // Prometheus knows base units alone
        var type = instrument.GetType().IsGenericType ? instrument.GetType().GetGenericTypeDefinition() : null;
        Kind = type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
            : type == typeof(Histogram<>) ? MetricKind.Histogram
            : MetricKind.Gauge;
        IsSum = type == typeof(Counter<>) || type == typeof(UpDownCounter<>);
        Bounds = Kind == MetricKind.Histogram ? (BoundsOf(instrument) is { Length: > 0 } advised ? [.. advised.Select(b => b * _scale)] : Seconds) : null;
    }

    public Instrument Instrument { get; }
    public MetricKind Kind { get; }
    public double[]? Bounds { get; }

    private bool IsSum { get; }

    /// <summary>The reading under way.</summary>
    public int Reading { get; set; }

    public void Take(double value, ReadOnlySpan<Label> labels)
    {
        var series = Find(labels);
        value *= _scale;
        if (Kind == MetricKind.Histogram)
            series.Observe(value);
        else if (IsSum)
            series.Add(value);
        else
            series.Set(value);
        if (Instrument.IsObservable)
            series.Seen = Reading;
    }

    /// <summary>What is there now; observations that the last reading did not see again are let go.</summary>
    public IEnumerable<(Label[] Labels, Series Series)> All()
    {
        foreach (var (labels, series) in _series)
        {
            if (!Instrument.IsObservable || series.Seen == Reading)
                yield return (labels, series);
            else if (_series.TryRemove(labels, out _))
                Interlocked.Decrement(ref _count);
        }
    }

    private Series Find(ReadOnlySpan<Label> labels)
    {
        if (_lookup.TryGetValue(labels, out var series))
            return series;
        if (Volatile.Read(ref _count) >= _limit)
            return _series.GetOrAdd(Overflow, _ => new(Bounds));
        var made = new Series(Bounds);
        if (_series.TryAdd(labels.ToArray(), made))
        {
            Interlocked.Increment(ref _count);
            return made;
        }
        return _lookup.TryGetValue(labels, out var other) ? other : made;
    }

    private static double[]? BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(b => (double)b)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(b => (double)b)],
        _ => null,
    };
}
