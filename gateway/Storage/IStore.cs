namespace OrgGateway.Storage;

/// <summary>What the gateway asks of a store. An outage is an answer (<c>Unavailable</c>), never an exception.</summary>
public interface IStore : IAsyncDisposable
{
    /// <summary>Whether the last exchange succeeded; for readiness.</summary>
    bool IsAvailable { get; }

    /// <summary>
    /// Since when every message has come in, in UTC ticks: 0 while none can have been missed, <see cref="long.MaxValue"/> while the
    /// subscription is broken. What was read before then may have missed a change.
    /// </summary>
    long ListeningSince { get; }

    ValueTask<StoreRead<byte[]>> ReadAsync(StoreKey key, CancellationToken cancellationToken);

    /// <summary>Reads and removes in one step: of several takers one gets the value.</summary>
    ValueTask<StoreRead<byte[]>> TakeAsync(StoreKey key, CancellationToken cancellationToken);

    /// <summary>Writes only where nothing is.</summary>
    ValueTask<StoreWrite> CreateAsync(StoreKey key, byte[] value, DateTimeOffset expires, CancellationToken cancellationToken);

    ValueTask<StoreWrite> PutAsync(StoreKey key, byte[] value, DateTimeOffset expires, CancellationToken cancellationToken);

    /// <summary>
    /// Writes only where exactly <paramref name="expected"/> stands. A sealed value has a random nonce and so is its own version:
    /// a late writer is fenced off and what was removed stays removed (T55, T124).
    /// </summary>
    ValueTask<StoreWrite> ReplaceAsync(StoreKey key, byte[] expected, byte[] value, DateTimeOffset expires, CancellationToken cancellationToken);

    /// <summary>Moves the end of an existing value.</summary>
    ValueTask<StoreWrite> ExtendAsync(StoreKey key, DateTimeOffset expires, CancellationToken cancellationToken);

    ValueTask<StoreWrite> RemoveAsync(StoreKey key, CancellationToken cancellationToken);

    /// <summary>Takes a lease for <paramref name="owner"/>, or renews the one it holds.</summary>
    ValueTask<StoreWrite> LeaseAsync(StoreKey key, string owner, TimeSpan life, CancellationToken cancellationToken);

    /// <summary>Gives a lease back; another owner's stays.</summary>
    ValueTask<StoreWrite> ReleaseAsync(StoreKey key, string owner, CancellationToken cancellationToken);

    /// <summary>Uses an allowance in one step, whatever others do meanwhile: what is allowed is counted, what is refused is not.</summary>
    ValueTask<WindowAnswer> UseWindowAsync(StoreKey key, WindowUse use, CancellationToken cancellationToken);

    /// <summary>Adds to a set whose members end each at its own time, such as the sessions of one subject. A member is an id or a hash, never a name or an address.</summary>
    ValueTask<StoreWrite> AddToIndexAsync(StoreKey index, string member, DateTimeOffset expires, CancellationToken cancellationToken);

    ValueTask<StoreWrite> RemoveFromIndexAsync(StoreKey index, string member, CancellationToken cancellationToken);

    /// <summary>The living members, those that end last first; at most <paramref name="limit"/>. <c>Missing</c> when there is none.</summary>
    ValueTask<StoreRead<string[]>> ReadIndexAsync(StoreKey index, int limit, CancellationToken cancellationToken);

    /// <summary>Living members with their ends, those that end last first.</summary>
    ValueTask<StoreRead<IndexMember[]>> ReadIndexPageAsync(StoreKey index, int skip, int limit, CancellationToken cancellationToken);

    /// <returns>How many members live; null when the store is unavailable.</returns>
    ValueTask<long?> CountIndexAsync(StoreKey index, CancellationToken cancellationToken);

    /// <summary>Tells every replica, this one included. Messages may be lost; nobody may depend on one.</summary>
    ValueTask<StoreWrite> PublishAsync(string channel, byte[] message, CancellationToken cancellationToken);

    /// <summary>Handlers run on the store's own threads and must be short.</summary>
    void Subscribe(string channel, Action<byte[]> handler);
}
