using System.Collections.Concurrent;

namespace OrgGateway.Storage;

/// <summary>
/// Values kept in this process, never more than a limit of them, whatever callers invent as keys. Two generations stand in for a
/// list of least recent use: a full young one becomes the old one, and what is not used before the next turn goes with it.
/// </summary>
public sealed class BoundedCopies<TKey, TValue>(int limit)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _turn = new();
    private volatile ConcurrentDictionary<TKey, TValue> _young = new();
    private volatile ConcurrentDictionary<TKey, TValue> _old = new();
    private int _youngCount;

    public TValue? Find(TKey key)
    {
        if (_young.TryGetValue(key, out var value))
            return value;
        if (!_old.TryGetValue(key, out value))
            return null;
        Put(key, value); // there before it leaves the old one: it is always where RemoveWhere looks
        return value;
    }

    public void Put(TKey key, TValue value)
    {
        var generation = _young;
        if (!generation.TryAdd(key, value))
            generation[key] = value;
        else if (Interlocked.Increment(ref _youngCount) > limit / 2)
            Turn();
        // What stands in the old generation under this key is older, and must not come back.
        _old.TryRemove(key, out _);
    }

    /// <summary>The value there, or the one made now; of several made at once, one stays.</summary>
    public TValue GetOrPut(TKey key, Func<TKey, TValue> make)
    {
        if (Find(key) is { } known)
            return known;
        var generation = _young;
        var value = make(key);
        var kept = generation.GetOrAdd(key, value);
        if (ReferenceEquals(kept, value) && Interlocked.Increment(ref _youngCount) > limit / 2)
            Turn();
        return kept;
    }

    public void Remove(TKey key)
    {
        _young.TryRemove(key, out _);
        _old.TryRemove(key, out _);
    }

    /// <summary>Looks at every value: for what seldom happens, such as a revocation.</summary>
    public void RemoveWhere(Func<TValue, bool> goes)
    {
        ConcurrentDictionary<TKey, TValue> young;
        do
        {
            young = _young;
            // Values move from old to young while they are used: in this order none slips through.
            foreach (var generation in (ReadOnlySpan<ConcurrentDictionary<TKey, TValue>>)[_old, young])
                foreach (var pair in generation)
                    if (goes(pair.Value))
                        generation.TryRemove(pair);
        }
        while (young != _young);
    }

    private void Turn()
    {
        lock (_turn)
        {
            if (_youngCount <= limit / 2)
                return;
            _old = _young;
            _young = new();
            _youngCount = 0;
        }
    }
}
