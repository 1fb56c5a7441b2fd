using System.Collections.Concurrent;
using OrgGateway.Sessions;
using OrgGateway.Storage;

namespace OrgGateway.Tests.Sessions;

/// <summary>A store in front of another that counts, and that fails, waits or loses messages when told to.</summary>
internal sealed class FaultyStore(IStore inner) : IStore
{
    private readonly ConcurrentBag<SessionId> _heard = [];
    private int _reads;
    private int _extensions;

    public bool IsDown { get; set; }
    public bool ExtensionsFail { get; set; }
    public bool IndexesFail { get; set; }

    /// <summary>No message comes in, as after a lost connection.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>What a read waits for after the store has answered it.</summary>
    public Task Answering { get; set; } = Task.CompletedTask;

    /// <summary>Runs when a value has been removed or replaced.</summary>
    public Action? Written { get; set; }

    public int Reads => Volatile.Read(ref _reads);

    public int Extensions => Volatile.Read(ref _extensions);

    /// <summary>Whether a message about this session has come in and been acted on.</summary>
    public bool HasHeardOf(SessionId id) => _heard.Contains(id);

    public long ListeningSince { get; set; }

    public bool IsAvailable => !IsDown && inner.IsAvailable;

    public async ValueTask<StoreRead<byte[]>> ReadAsync(StoreKey key, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        var read = IsDown ? StoreRead<byte[]>.Unavailable : await inner.ReadAsync(key, cancellationToken);
        await Answering;
        return read;
    }

    public async ValueTask<StoreRead<byte[]>> TakeAsync(StoreKey key, CancellationToken cancellationToken)
    {
        var taken = IsDown ? StoreRead<byte[]>.Unavailable : await inner.TakeAsync(key, cancellationToken);
        Written?.Invoke();
        cancellationToken.ThrowIfCancellationRequested();
        return taken;
    }

    public ValueTask<StoreWrite> CreateAsync(StoreKey key, byte[] value, DateTimeOffset expires, CancellationToken cancellationToken) =>
        Write(() => inner.CreateAsync(key, value, expires, cancellationToken));

    public ValueTask<StoreWrite> PutAsync(StoreKey key, byte[] value, DateTimeOffset expires, CancellationToken cancellationToken) =>
        Write(() => inner.PutAsync(key, value, expires, cancellationToken));

    public async ValueTask<StoreWrite> ReplaceAsync(StoreKey key, byte[] expected, byte[] value, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        var written = await Write(() => inner.ReplaceAsync(key, expected, value, expires, cancellationToken));
        Written?.Invoke();
        cancellationToken.ThrowIfCancellationRequested();
        return written;
    }

    public ValueTask<StoreWrite> ExtendAsync(StoreKey key, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _extensions);
        return ExtensionsFail ? new(StoreWrite.Unavailable) : Write(() => inner.ExtendAsync(key, expires, cancellationToken));
    }

    public async ValueTask<StoreWrite> RemoveAsync(StoreKey key, CancellationToken cancellationToken)
    {
        var removed = await Write(() => inner.RemoveAsync(key, cancellationToken));
        Written?.Invoke();
        cancellationToken.ThrowIfCancellationRequested();
        return removed;
    }

    public ValueTask<StoreWrite> LeaseAsync(StoreKey key, string owner, TimeSpan life, CancellationToken cancellationToken) =>
        Write(() => inner.LeaseAsync(key, owner, life, cancellationToken));

    public ValueTask<StoreWrite> ReleaseAsync(StoreKey key, string owner, CancellationToken cancellationToken) =>
        Write(() => inner.ReleaseAsync(key, owner, cancellationToken));

    public ValueTask<WindowAnswer> UseWindowAsync(StoreKey key, WindowUse use, CancellationToken cancellationToken) =>
        IsDown ? new(WindowAnswer.Unavailable) : inner.UseWindowAsync(key, use, cancellationToken);

    public ValueTask<StoreWrite> AddToIndexAsync(StoreKey index, string member, DateTimeOffset expires, CancellationToken cancellationToken) =>
        IndexesFail ? new(StoreWrite.Unavailable) : Write(() => inner.AddToIndexAsync(index, member, expires, cancellationToken));

    public ValueTask<StoreWrite> RemoveFromIndexAsync(StoreKey index, string member, CancellationToken cancellationToken) =>
        Write(() => inner.RemoveFromIndexAsync(index, member, cancellationToken));

    public ValueTask<StoreRead<string[]>> ReadIndexAsync(StoreKey index, int limit, CancellationToken cancellationToken) =>
        IsDown ? new(StoreRead<string[]>.Unavailable) : inner.ReadIndexAsync(index, limit, cancellationToken);

    public ValueTask<StoreRead<IndexMember[]>> ReadIndexPageAsync(StoreKey index, int skip, int limit, CancellationToken cancellationToken) =>
        IsDown ? new(StoreRead<IndexMember[]>.Unavailable) : inner.ReadIndexPageAsync(index, skip, limit, cancellationToken);

    public ValueTask<long?> CountIndexAsync(StoreKey index, CancellationToken cancellationToken) =>
        IsDown ? new((long?)null) : inner.CountIndexAsync(index, cancellationToken);

    public ValueTask<StoreWrite> PublishAsync(string channel, byte[] message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Write(() => inner.PublishAsync(channel, message, cancellationToken));
    }

    public void Subscribe(string channel, Action<byte[]> handler) => inner.Subscribe(channel, message =>
    {
        if (IsDeaf)
            return;
        handler(message);
        if (message.Length == 33 && SessionId.TryFromHash(message.AsSpan(1), out var id))
            _heard.Add(id);
    });

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private ValueTask<StoreWrite> Write(Func<ValueTask<StoreWrite>> write) => IsDown ? new(StoreWrite.Unavailable) : write();
}
