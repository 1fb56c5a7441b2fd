using System.Text.Json;
using OrgGateway.Sealing;
using OrgGateway.Storage;

namespace OrgGateway.Revocation;

/// <summary>
/// Tells every replica, this one at once, that somebody's access ended. The message is sealed: who may write to the store's
/// channel cannot end sessions with it, and nobody reads names there. A message may be lost, so whoever revokes removes the
/// records too, and copies age out.
/// </summary>
public sealed class Revocations
{
    private const string Channel = "revocations";
    private static readonly byte[] Name = "revocations"u8.ToArray();
    private readonly IStore _store;
    private readonly KeyRing _ring;
    private readonly ILogger<Revocations> _logger;
    private volatile Action<Revocation>[] _handlers = [];

    public Revocations(IStore store, KeyRing ring, ILogger<Revocations> logger)
    {
        (_store, _ring, _logger) = (store, ring, logger);
        store.Subscribe(Channel, Hear);
    }

    /// <summary>Handlers run on the store's threads, for this replica's own revocations too, and may see one twice: short and idempotent.</summary>
    public void Subscribe(Action<Revocation> handler)
    {
        lock (_store)
            _handlers = [.. _handlers, handler];
    }

    /// <returns><c>Unavailable</c> when other replicas may not have heard; this one has.</returns>
    public ValueTask<StoreWrite> PublishAsync(Revocation revocation)
    {
        Tell(revocation);
        return _store.PublishAsync(Channel, _ring.Seal(Channel, Name, JsonSerializer.SerializeToUtf8Bytes(revocation, RevocationJson.Default.Revocation)), CancellationToken.None);
    }

    private void Hear(byte[] message)
    {
        try
        {
            if (_ring.TryOpen(Channel, Name, message, out var plaintext) && JsonSerializer.Deserialize(plaintext, RevocationJson.Default.Revocation) is { } revocation)
                Tell(revocation);
            else
                _logger.ForeignMessage();
        }
        catch (JsonException)
        {
            _logger.ForeignMessage(); // of another version of this program
        }
    }

    private void Tell(Revocation revocation)
    {
        foreach (var handler in _handlers)
            handler(revocation);
    }
}
