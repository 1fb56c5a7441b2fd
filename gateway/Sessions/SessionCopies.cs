using System.Collections.Concurrent;

namespace OrgGateway.Sessions;

/// <summary>
/// This process's copies of sessions: bounded, and revocation wins. Two generations stand in for a list of least recent use: a
/// full young one becomes the old one, and what is not used before the next turn goes with it. No lock on a look-up.
/// </summary>
public sealed class SessionCopies(int limit)
{
    private static readonly TimeSpan RememberEnd = TimeSpan.FromMinutes(1);
    private readonly Lock _turn = new();
    private readonly ConcurrentDictionary<SessionId, long> _ended = new();
    private volatile ConcurrentDictionary<SessionId, SessionCopy> _young = new();
    private volatile ConcurrentDictionary<SessionId, SessionCopy> _old = new();
    private int _youngCount;
    private long _sweepAt;

    public int Count => _young.Count + _old.Count;

    /// <summary>Every copy; one that comes or goes meanwhile may be missing.</summary>
    public IEnumerable<SessionCopy> All => _young.Values.Concat(_old.Values);

    public SessionCopy? Find(SessionId id)
    {
        if (_young.TryGetValue(id, out var copy))
            return copy.IsDropped ? null : copy;
        if (!_old.TryGetValue(id, out copy) || copy.IsDropped)
            return null;
        Add(id, copy);
        return copy;
    }

    /// <returns>False when the session ended while its copy was on the way.</returns>
    public bool Put(SessionId id, SessionCopy copy)
    {
        Add(id, copy);
        // Read after the copy is visible: an end that came before is seen here, one that comes later finds the copy.
        if (!_ended.ContainsKey(id))
            return true;
        Drop(id, ended: true);
        return false;
    }

    public void End(SessionId id, DateTimeOffset now)
    {
        _ended[id] = (now + RememberEnd).UtcTicks;
        Drop(id, ended: true);
        // By time, not by number: ten thousand sessions ended at once must not search through each other.
        var sweepAt = Volatile.Read(ref _sweepAt);
        if (now.UtcTicks < sweepAt || Interlocked.CompareExchange(ref _sweepAt, (now + RememberEnd).UtcTicks, sweepAt) != sweepAt)
            return;
        foreach (var (old, until) in _ended)
            if (until < now.UtcTicks)
                _ended.TryRemove(old, out _);
    }

    /// <summary>Makes the next request read the store.</summary>
    public void Forget(SessionId id) => Drop(id, ended: false);

    private void Add(SessionId id, SessionCopy copy)
    {
        ConcurrentDictionary<SessionId, SessionCopy> generation;
        do
        {
            generation = _young;
            if (generation.TryAdd(id, copy))
                CountAndTurn();
            else
                generation[id] = copy;
        }
        // Two turns meanwhile: the copy would stand where no end ever finds it.
        while (_young != generation && _old != generation);
    }

    private void CountAndTurn()
    {
        if (Interlocked.Increment(ref _youngCount) <= limit / 2)
            return;
        lock (_turn)
        {
            if (_youngCount <= limit / 2)
                return;
            SessionMetrics.Evicted.Add(_old.Keys.LongCount(id => !_young.ContainsKey(id)));
            _old = _young;
            _young = new();
            _youngCount = 0;
        }
    }

    private void Drop(SessionId id, bool ended)
    {
        foreach (var generation in (ReadOnlySpan<ConcurrentDictionary<SessionId, SessionCopy>>)[_young, _old])
            if (generation.TryRemove(id, out var copy))
                copy.Drop(ended);
    }
}

/// <summary>A session as last read.</summary>
/// <param name="Version">The sealed bytes' authentication tag: equal means unchanged.</param>
/// <param name="ReadAt">When the store was last heard to have it.</param>
/// <param name="ExtendedAt">When this process last moved its idle end.</param>
public sealed record SessionCopy(Session Session, UInt128 Version, DateTimeOffset ReadAt, DateTimeOffset ExtendedAt)
{
    private volatile bool _dropped;

    /// <summary>A look-up that moves the copy to the young generation while it is dropped may put it back there: it does not count any more.</summary>
    internal bool IsDropped => _dropped || Session.Ended;

    internal void Drop(bool ended)
    {
        _dropped = true;
        if (ended)
            Session.End();
    }
}
