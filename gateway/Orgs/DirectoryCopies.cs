using System.Collections.Concurrent;

namespace OrgGateway.Orgs;

/// <summary>
/// What this process knows of names, "unknown" included: bounded whatever strangers ask for (T107). Two generations stand in for a
/// list of least recent use: a full young one becomes the old one, and what is not asked for before the next turn goes.
/// </summary>
public sealed class DirectoryCopies(int limit)
{
    private readonly Lock _turn = new();
    private volatile ConcurrentDictionary<string, DirectoryCopy> _young = new(StringComparer.Ordinal);
    private volatile ConcurrentDictionary<string, DirectoryCopy> _old = new(StringComparer.Ordinal);
    private int _youngCount;

    public DirectoryCopy? Find(string name)
    {
        if (_young.TryGetValue(name, out var copy))
            return copy;
        if (!_old.TryGetValue(name, out copy))
            return null;
        Put(name, copy);
        return copy;
    }

    public void Put(string name, DirectoryCopy copy)
    {
        if (!_young.TryAdd(name, copy))
        {
            _young[name] = copy;
            return;
        }
        if (Interlocked.Increment(ref _youngCount) <= limit / 2)
            return;
        lock (_turn)
        {
            if (_youngCount <= limit / 2)
                return;
            (_old, _young, _youngCount) = (_young, new(StringComparer.Ordinal), 0);
        }
    }
}

/// <param name="Entry">Null for a name that nobody has.</param>
public sealed record DirectoryCopy(DirectoryEntry? Entry, DateTimeOffset ReadAt);
