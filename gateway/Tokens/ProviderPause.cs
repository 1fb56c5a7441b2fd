using System.Collections.Concurrent;

namespace OrgGateway.Tokens;

/// <summary>
/// Leaves a provider alone that does not answer: longer each time, as long as it asks for (Retry-After), and with one caller at a
/// time to find out whether it is back. One grant's failures alone are that grant's matter: a provider that always fails for one
/// person must not keep everybody else waiting.
/// </summary>
public sealed class ProviderPause(TimeProvider clock)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestAskedFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ProbeFor = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, State> _states = new(StringComparer.Ordinal);

    /// <summary>Whether the provider may be asked now; where it was down, one caller gets the yes and the others wait for what it finds.</summary>
    public bool MayAsk(string provider)
    {
        if (!_states.TryGetValue(provider, out var state))
            return true;
        lock (state)
        {
            if (LeftOf(state) > TimeSpan.Zero)
                return false;
            if (state.Failures > 0)
                Begin(state, ProbeFor);
            return true;
        }
    }

    public void Answered(string provider) => _states.TryRemove(provider, out _);

    /// <returns>After which time this grant may be tried again.</returns>
    public TimeSpan Failed(string provider, string grant, TimeSpan? retryAfter)
    {
        var state = _states.GetOrAdd(provider, _ => new State());
        lock (state)
        {
            if (state.LastGrant is { } last && last != grant)
                state.Failures++;
            state.LastGrant = grant;
            var asked = retryAfter is { } wait ? (wait < LongestAskedFor ? wait : LongestAskedFor) : TimeSpan.Zero;
            var backOff = First * Math.Pow(2, Math.Min(state.Failures, 10));
            // Jittered by the grant's random name, so that sessions do not come back in step.
            backOff = (backOff < Longest ? backOff : Longest) * (0.75 + (grant.Sum(c => c) % 128 / 256.0));
            var pause = asked > backOff ? asked : backOff;
            if (state.Failures > 0 || asked > TimeSpan.Zero)
                Begin(state, pause);
            return pause;
        }
    }

    /// <returns>Time until it may be asked again; zero when it may.</returns>
    public TimeSpan Left(string provider)
    {
        if (!_states.TryGetValue(provider, out var state))
            return TimeSpan.Zero;
        lock (state)
            return LeftOf(state);
    }

    // By what has passed: a clock that is set must not make a pause of seconds one of hours.
    private TimeSpan LeftOf(State state) => state.For - clock.GetElapsedTime(state.Since) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private void Begin(State state, TimeSpan pause) => (state.Since, state.For) = (clock.GetTimestamp(), pause);

    private sealed class State
    {
        public int Failures { get; set; }
        public string? LastGrant { get; set; }
        public long Since { get; set; }
        public TimeSpan For { get; set; }
    }
}
