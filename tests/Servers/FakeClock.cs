namespace OrgGateway.Tests.Servers;

/// <summary>Time that stands still until a test moves it; timers made from it fire on the way, in their order.</summary>
/// <param name="realTimers">For bounds on what really takes time, such as a silent server.</param>
public sealed class FakeClock(bool realTimers = false) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Timer> _timers = [];
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private DateTimeOffset _now = Start;
    private TimeSpan _set;

    public DateTimeOffset UtcNow
    {
        get { lock (_gate) return _now; }
        set { lock (_gate) _now = value; }
    }

    public override long TimestampFrequency => realTimers ? base.TimestampFrequency : TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => UtcNow;

    public override long GetTimestamp()
    {
        lock (_gate)
            return realTimers ? base.GetTimestamp() + (long)((_now - Start - _set).TotalSeconds * base.TimestampFrequency) : (_now - _set).UtcTicks;
    }

    /// <summary>As when somebody sets the clock: it shows another hour, and no time has passed.</summary>
    public void Set(TimeSpan by)
    {
        lock (_gate)
        {
            (_now, _set) = (_now + by, _set + by);
            foreach (var timer in _timers)
                timer.Due += by;
        }
    }

    public void Advance(TimeSpan by)
    {
        var end = UtcNow + by;
        while (NextDue(end) is { } timer)
            timer.Fire();
        UtcNow = end;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (realTimers)
            return base.CreateTimer(callback, state, dueTime, period);
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private Timer? NextDue(DateTimeOffset end)
    {
        lock (_gate)
        {
            if (_timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due) is not { } next)
                return null;
            _now = next.Due > _now ? next.Due : _now;
            if (next.Period > TimeSpan.Zero)
                next.Due += next.Period;
            else
                _timers.Remove(next);
            return next;
        }
    }

    private sealed class Timer(FakeClock clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; set; }
        public TimeSpan Period { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                (Due, Period) = (clock._now + dueTime, period);
                clock._timers.Add(this);
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
