namespace OrgGateway.Storage;

/// <summary>
/// The arithmetic of one allowance. A window begins with the first use, so that a quiet caller never meets the seam between two;
/// where it slides, the window before counts by the share of it that the last window's length still covers. The same in Lua: <c>RedisStore</c>.
/// </summary>
internal sealed class UsageWindow
{
    private long _start = long.MinValue / 2;
    private double _current;
    private double _previous;

    /// <summary>After which nothing of it counts any more.</summary>
    public long Ends { get; private set; }

    public WindowAnswer Use(in WindowUse use, long now)
    {
        double window = use.Window.TotalMilliseconds;
        if (now >= _start + (2 * window))
            (_start, _current, _previous) = (now, 0, 0);
        else if (now >= _start + window)
            (_start, _previous, _current) = (_start + (long)window, use.Sliding ? _current : 0, 0);
        var left = _start + window - now;
        var used = (_previous * left / window) + _current;
        var allowed = used + use.Cost <= use.Limit + 1e-9;
        var retry = allowed ? 0
            : _current + use.Cost <= use.Limit ? left - ((use.Limit - _current - use.Cost) * window / _previous)
            : use.Sliding && use.Cost <= use.Limit ? left + window - ((use.Limit - use.Cost) * window / _current)
            : left;
        if (allowed || use.Always)
            (_current, used) = (_current + use.Cost, used + use.Cost);
        Ends = _start + (long)(2 * window);
        return new(true, allowed, (int)Math.Max(0, Math.Floor(use.Limit - used + 1e-9)), TimeSpan.FromMilliseconds(Math.Ceiling(left)), TimeSpan.FromMilliseconds(Math.Ceiling(retry)));
    }
}
