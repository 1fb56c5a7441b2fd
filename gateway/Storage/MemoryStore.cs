using System.Collections.Concurrent;

namespace OrgGateway.Storage;

/// <summary>The embedded store: one process, nothing outlives it.</summary>
public sealed class MemoryStore : IStore
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);
    private readonly Dictionary<StoreKey, (byte[] Value, DateTimeOffset Expires)> _values = [];
    private readonly Dictionary<StoreKey, (string Owner, DateTimeOffset Expires)> _leases = [];
    private readonly Dictionary<StoreKey, Dictionary<string, DateTimeOffset>> _indexes = [];
    private readonly ConcurrentDictionary<string, ConcurrentBag<Action<byte[]>>> _handlers = new(StringComparer.Ordinal);
    private readonly UsageWindows _windows;
    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly ITimer _sweep;

    public MemoryStore(TimeProvider clock)
    {
        _clock = clock;
        _windows = new(clock);
        _sweep = clock.CreateTimer(_ => Sweep(), null, SweepEvery, SweepEvery);
    }

    public bool IsAvailable => true;

    public long ListeningSince => 0;

    public ValueTask<StoreRead<byte[]>> ReadAsync(StoreKey key, CancellationToken cancellationToken)
    {
        lock (_gate)
            return new(Live(key) is { } value ? StoreRead<byte[]>.Found(value) : StoreRead<byte[]>.Missing);
    }

    public ValueTask<StoreRead<byte[]>> TakeAsync(StoreKey key, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var value = Live(key);
            _values.Remove(key);
            return new(value is null ? StoreRead<byte[]>.Missing : StoreRead<byte[]>.Found(value));
        }
    }

    public ValueTask<StoreWrite> CreateAsync(StoreKey key, byte[] value, DateTimeOffset expires, CancellationToken cancellationToken) =>
        WriteAsync(value, () => Live(key) is null && Set(key, value, expires));

    public ValueTask<StoreWrite> PutAsync(StoreKey key, byte[] value, DateTimeOffset expires, CancellationToken cancellationToken) =>
        WriteAsync(value, () => Set(key, value, expires));

    public ValueTask<StoreWrite> ReplaceAsync(StoreKey key, byte[] expected, byte[] value, DateTimeOffset expires, CancellationToken cancellationToken) =>
        WriteAsync(value, () => Live(key) is { } current && current.AsSpan().SequenceEqual(expected) && Set(key, value, expires));

    public ValueTask<StoreWrite> ExtendAsync(StoreKey key, DateTimeOffset expires, CancellationToken cancellationToken) =>
        WriteAsync(() => Live(key) is { } current && Set(key, current, expires));

    public ValueTask<StoreWrite> RemoveAsync(StoreKey key, CancellationToken cancellationToken) =>
        WriteAsync(() => Live(key) is not null & _values.Remove(key));

    public ValueTask<StoreWrite> LeaseAsync(StoreKey key, string owner, TimeSpan life, CancellationToken cancellationToken) => WriteAsync(() =>
    {
        if (_leases.TryGetValue(key, out var lease) && lease.Owner != owner && lease.Expires > _clock.GetUtcNow())
            return false;
        _leases[key] = (owner, _clock.GetUtcNow() + life);
        return true;
    });

    public ValueTask<StoreWrite> ReleaseAsync(StoreKey key, string owner, CancellationToken cancellationToken) =>
        WriteAsync(() => _leases.TryGetValue(key, out var lease) && lease.Owner == owner && _leases.Remove(key));

    public ValueTask<WindowAnswer> UseWindowAsync(StoreKey key, WindowUse use, CancellationToken cancellationToken) => new(_windows.Use(key, use));

    public ValueTask<StoreWrite> AddToIndexAsync(StoreKey index, string member, DateTimeOffset expires, CancellationToken cancellationToken) => WriteAsync(() =>
    {
        if (!_indexes.TryGetValue(index, out var members))
            _indexes[index] = members = new(StringComparer.Ordinal);
        members[member] = expires;
        return true;
    });

    public ValueTask<StoreWrite> RemoveFromIndexAsync(StoreKey index, string member, CancellationToken cancellationToken) =>
        WriteAsync(() => _indexes.TryGetValue(index, out var members) && members.Remove(member, out var expires) && expires > _clock.GetUtcNow());

    public ValueTask<StoreRead<string[]>> ReadIndexAsync(StoreKey index, int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            string[] living = [.. Living(index).Take(limit).Select(m => m.Name)];
            return new(living.Length == 0 ? StoreRead<string[]>.Missing : StoreRead<string[]>.Found(living));
        }
    }

    public ValueTask<StoreRead<IndexMember[]>> ReadIndexPageAsync(StoreKey index, int skip, int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            IndexMember[] living = [.. Living(index).Skip(skip).Take(limit)];
            return new(living.Length == 0 ? StoreRead<IndexMember[]>.Missing : StoreRead<IndexMember[]>.Found(living));
        }
    }

    public ValueTask<long?> CountIndexAsync(StoreKey index, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var now = _clock.GetUtcNow();
            return new(_indexes.TryGetValue(index, out var members) ? members.Values.LongCount(ends => ends > now) : 0);
        }
    }

    public ValueTask<StoreWrite> PublishAsync(string channel, byte[] message, CancellationToken cancellationToken)
    {
        foreach (var handler in _handlers.GetValueOrDefault(channel) ?? [])
            handler(message);
        return new(StoreWrite.Done);
    }

    public void Subscribe(string channel, Action<byte[]> handler) => _handlers.GetOrAdd(channel, _ => []).Add(handler);

    public ValueTask DisposeAsync() => _sweep.DisposeAsync();

    private ValueTask<StoreWrite> WriteAsync(byte[] value, Func<bool> write) => value.Length > StoreOptions.LargestValue ? new(StoreWrite.TooLarge) : WriteAsync(write);

    private ValueTask<StoreWrite> WriteAsync(Func<bool> write)
    {
        lock (_gate)
            return new(write() ? StoreWrite.Done : StoreWrite.Refused);
    }

    // Ties by name, backwards, as Redis has them: pages must not overlap.
    private IEnumerable<IndexMember> Living(StoreKey index) => _indexes.TryGetValue(index, out var members)
        ? members.Where(m => m.Value > _clock.GetUtcNow()).OrderByDescending(m => m.Value).ThenByDescending(m => m.Key, StringComparer.Ordinal).Select(m => new IndexMember(m.Key, m.Value))
        : [];

    private byte[]? Live(StoreKey key) => _values.TryGetValue(key, out var entry) && entry.Expires > _clock.GetUtcNow() ? entry.Value : null;

    private bool Set(StoreKey key, byte[] value, DateTimeOffset expires)
    {
        _values[key] = (value, expires);
        return true;
    }

    private void Sweep()
    {
        lock (_gate)
        {
            var now = _clock.GetUtcNow();
            foreach (var (key, entry) in _values)
                if (entry.Expires <= now)
                    _values.Remove(key);
            foreach (var (index, members) in _indexes)
            {
                foreach (var (member, expires) in members)
                    if (expires <= now)
                        members.Remove(member);
                if (members.Count == 0)
                    _indexes.Remove(index);
            }
            foreach (var (key, lease) in _leases)
                if (lease.Expires <= now)
                    _leases.Remove(key);
        }
    }
}
