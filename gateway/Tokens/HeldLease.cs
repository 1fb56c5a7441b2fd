using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using OrgGateway.Storage;

namespace OrgGateway.Tokens;

/// <summary>
/// A lease in the store, renewed while its holder works, so that no slow provider outlives it (T123). Giving it back tells those
/// who wait for it (<see cref="Turns"/>).
/// </summary>
public sealed class HeldLease : IAsyncDisposable
{
    internal const string Channel = "turns";

    /// <summary>After which a holder that went away is out of the way.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(10);

    private readonly IStore _store;
    private readonly StoreKey _key;
    private readonly string _owner;
    private readonly ITimer _renewal;

    private HeldLease(IStore store, StoreKey key, string owner, TimeProvider clock)
    {
        (_store, _key, _owner) = (store, key, owner);
        _renewal = clock.CreateTimer(_ => _ = store.LeaseAsync(key, owner, Life, CancellationToken.None).AsTask(), null, Life / 3, Life / 3);
    }

    /// <returns>The lease, or why there is none: another holds it, or the store is unavailable.</returns>
    public static async Task<(HeldLease? Lease, StoreWrite Answer)> TakeAsync(IStore store, StoreKey key, TimeProvider clock)
    {
        var owner = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        var answer = await store.LeaseAsync(key, owner, Life, CancellationToken.None);
        return (answer == StoreWrite.Done ? new HeldLease(store, key, owner, clock) : null, answer);
    }

    public async ValueTask DisposeAsync()
    {
        await _renewal.DisposeAsync();
        await _store.ReleaseAsync(_key, _owner, CancellationToken.None);
        await _store.PublishAsync(Channel, Encoding.ASCII.GetBytes(_key.ToString()), CancellationToken.None);
    }
}
