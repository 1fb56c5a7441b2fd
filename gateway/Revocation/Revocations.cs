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
    private readonly IRevocationStep[] _steps;
    private readonly TimeProvider _clock;
    private readonly ILogger<Revocations> _logger;
    private volatile Action<Revocation>[] _handlers = [];
    private long _heardAt;

    public Revocations(IStore store, KeyRing ring, IEnumerable<IRevocationStep> steps, TimeProvider clock, ILogger<Revocations> logger)
    {
        (_store, _ring, _steps, _clock, _logger) = (store, ring, [.. steps], clock, logger);
        store.Subscribe(Channel, Hear);
    }

    /// <summary>Whether anything but the end of single sessions was heard of within this time.</summary>
    public bool HasHeardWithin(TimeSpan time) => Volatile.Read(ref _heardAt) is not 0 and var at && _clock.GetElapsedTime(at) <= time;

    /// <summary>Handlers run on the store's threads, for this replica's own revocations too, and may see one twice: short and idempotent.</summary>
    public void Subscribe(Action<Revocation> handler)
    {
        lock (_store)
            _handlers = [.. _handlers, handler];
    }

    /// <returns><c>Unavailable</c> when the store did not take all of it, or other replicas may not have heard; this one has.</returns>
    public async ValueTask<StoreWrite> PublishAsync(Revocation revocation)
    {
        revocation = revocation with { At = revocation.At ?? _clock.GetUtcNow() };
        Tell(revocation);
        var carriedOut = true;
        // Before the message: whoever hears it and looks finds nothing left.
        foreach (var step in _steps)
            carriedOut &= await step.CarryOutAsync(revocation);
        var told = await _store.PublishAsync(Channel, _ring.Seal(Channel, Name, JsonSerializer.SerializeToUtf8Bytes(revocation, RevocationJson.Default.Revocation)), CancellationToken.None);
        return carriedOut ? told : StoreWrite.Unavailable;
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
        if (revocation.Scope is not (RevocationScope.Session or RevocationScope.ProviderSession))
            Volatile.Write(ref _heardAt, _clock.GetTimestamp());
        foreach (var handler in _handlers)
            handler(revocation);
    }
}
