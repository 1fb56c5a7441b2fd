namespace OrgGateway.Telemetry;

/// <summary>One set of labels of an instrument, counted without a lock.</summary>
internal sealed class Series
{
    private readonly double[]? _bounds;
    private readonly long[]? _buckets;
    private double _value;

    /// <param name="bounds">Upper bounds of a histogram's buckets; null for any other instrument.</param>
    public Series(double[]? bounds) => (_bounds, _buckets) = (bounds, bounds is null ? null : new long[bounds.Length + 1]);

    /// <summary>Of the reading that saw it last: an observation that is made no more is not shown any more.</summary>
    public int Seen { get; set; }

    /// <summary>A counter's total, a gauge's value, a histogram's sum.</summary>
    public double Value => Volatile.Read(ref _value);

    public void Set(double value) => Volatile.Write(ref _value, value);

    public void Add(double value)
    {
        var current = Volatile.Read(ref _value);
        while (true)
        {
            var seen = Interlocked.CompareExchange(ref _value, current + value, current);
            if (seen.Equals(current))
                return;
            current = seen;
        }
    }

    public void Observe(double value)
    {
        var bucket = 0;
        while (bucket < _bounds!.Length && value > _bounds[bucket])
            bucket++;
        Interlocked.Increment(ref _buckets![bucket]);
        Add(value);
    }

    /// <summary>Not cumulative; the last one has no bound.</summary>
    public long[] Buckets() => [.. Enumerable.Range(0, _buckets!.Length).Select(i => Interlocked.Read(ref _buckets![i]))];
}
