namespace OrgGateway.Sessions;

/// <summary>
/// The time by which sessions end. A machine's clock may be set, to a wrong hour or to the right one, and a process cannot tell which; but
/// it can measure how much time has passed. So a clock that was set is believed once it has stayed so for a while, and until then time
/// goes on here as it did: an hour's mistake that is mended soon ends nothing. What says by itself when it ends, such as a token, is judged
/// by the machine's clock: to refuse it for a while takes nothing away.
/// </summary>
public sealed class SteadyClock : TimeProvider
{
    /// <summary>How long a clock has to stay as it was set; a session may outlive its end by this much and no more.</summary>
    public static readonly TimeSpan BelievedAfter = TimeSpan.FromMinutes(10);

    /// <summary>Less than this is a correction, or a process that was kept from running between two readings.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private DateTimeOffset _time; // at _at
    private long _at;
    private (TimeSpan By, long At)? _set;

    public SteadyClock(TimeProvider clock, ILogger<SteadyClock> logger)
    {
        (_clock, _logger) = (clock, logger);
        (_time, _at) = (clock.GetUtcNow(), clock.GetTimestamp());
    }

    /// <summary>The machine's clock was set a moment ago, and is not believed yet.</summary>
    public bool IsInDoubt
    {
        get
        {
            lock (_gate)
            {
                GetUtcNow();
                return _set is not null;
            }
        }
    }

    public override long TimestampFrequency => _clock.TimestampFrequency;

    public override long GetTimestamp() => _clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _clock.CreateTimer(callback, state, dueTime, period);

    /// <summary>Takes a lock: not for every request. To be asked now and then, so that a clock that was set is noticed when it is (<c>LiveSweep</c> does).</summary>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            var (wall, at) = (_clock.GetUtcNow(), _clock.GetTimestamp());
            var steady = _time + _clock.GetElapsedTime(_at, at);
            var by = wall - steady;
            if (by.Duration() >= Least)
            {
                if (_set is not { } set || (set.By - by).Duration() >= Least)
                {
                    _set = (by, at);
                    _logger.ClockSet(TimeSpan.FromSeconds(Math.Round(by.TotalSeconds)));
                    return steady;
                }
                if (_clock.GetElapsedTime(set.At, at) < BelievedAfter)
                    return steady;
            }
            (_time, _at, _set) = (wall, at, null);
            return wall;
        }
    }
}
