using System.Collections.Concurrent;

namespace OrgGateway.Replay;

/// <summary>
/// Keeps an upstream that refuses every token from costing a mint per request (T105): after a few replays that were refused as well,
/// no token of that owner is renewed for that upstream for a while; the refusals then pass to the callers.
/// </summary>
public sealed class ReplayBreaker(TimeProvider clock)
{
    private const int Limit = 10_000;
    private const int Refusals = 3;
    private static readonly TimeSpan FirstBreak = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestBreak = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<(string Upstream, object Owner), State> _states = new();

    public bool Allows(string upstream, object owner) =>
        !_states.TryGetValue((upstream, owner), out var state) || state.OpenUntil <= clock.GetUtcNow();

    public void Succeeded(string upstream, object owner)
    {
        if (!_states.IsEmpty)
            _states.TryRemove((upstream, owner), out _);
    }

    /// <returns>Whether the circuit opened by this.</returns>
    public bool Refused(string upstream, object owner)
    {
        var now = clock.GetUtcNow();
        if (_states.Count >= Limit)
            Trim(now);
        var state = _states.AddOrUpdate((upstream, owner), _ => new(1, 0, default, now), (_, before) => Next(before, now));
        return state.OpenUntil > now && state.Count == 0;
    }

    private static State Next(State before, DateTimeOffset now)
    {
        if (before.OpenUntil > now)
            return before with { Last = now, Count = before.Count + 1 }; // on its way when the circuit opened
        if (now - before.Last > LongestBreak + LongestBreak)
            return new(1, 0, default, now);
        // After a break one refusal is enough: nothing has changed.
        if (before.Breaks == 0 && before.Count + 1 < Refusals)
            return before with { Count = before.Count + 1, Last = now };
        var wait = FirstBreak * Math.Pow(2, Math.Min(before.Breaks, 5));
        return new(0, before.Breaks + 1, now + (wait < LongestBreak ? wait : LongestBreak), now);
    }

    // Only a flood of sessions at an upstream that is broken for all comes here; what it forgets costs one more renewal each.
    private void Trim(DateTimeOffset now)
    {
        foreach (var (key, state) in _states)
            if (state.OpenUntil <= now)
                _states.TryRemove(key, out _);
        if (_states.Count >= Limit)
            _states.Clear();
    }

    private sealed record State(int Count, int Breaks, DateTimeOffset OpenUntil, DateTimeOffset Last);
}
