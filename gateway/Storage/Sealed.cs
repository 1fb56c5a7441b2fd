using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrgGateway.Sealing;

namespace OrgGateway.Storage;

/// <summary>A value read from the store with the sealed bytes it came from, which name its version.</summary>
public sealed record Versioned<T>(T Value, byte[] Version)
    where T : class;

/// <summary>
/// Records of one kind, sealed. The kind is the purpose and the full key the name, so that a value moved to another key or kind
/// does not open; what does not open is missing, never an error (K7, K9).
/// </summary>
public sealed class Sealed<T>(IStore store, KeyRing ring, JsonTypeInfo<T> type, string kind)
    where T : class
{
    public StoreKey Key(params ReadOnlySpan<string> parts) => StoreKey.Of(kind, parts);

    public StoreKey KeyOfHash(ReadOnlySpan<byte> sha256) => StoreKey.OfHash(kind, sha256);

    public async ValueTask<StoreRead<Versioned<T>>> ReadAsync(StoreKey key, CancellationToken cancellationToken) =>
        Open(key, await store.ReadAsync(key, cancellationToken));

    public async ValueTask<StoreRead<Versioned<T>>> TakeAsync(StoreKey key, CancellationToken cancellationToken) =>
        Open(key, await store.TakeAsync(key, cancellationToken));

    public ValueTask<StoreWrite> CreateAsync(StoreKey key, T value, DateTimeOffset expires, CancellationToken cancellationToken) =>
        store.CreateAsync(key, Seal(key, value), expires, cancellationToken);

    public ValueTask<StoreWrite> PutAsync(StoreKey key, T value, DateTimeOffset expires, CancellationToken cancellationToken) =>
        store.PutAsync(key, Seal(key, value), expires, cancellationToken);

    public ValueTask<StoreWrite> ReplaceAsync(StoreKey key, byte[] version, T value, DateTimeOffset expires, CancellationToken cancellationToken) =>
        store.ReplaceAsync(key, version, Seal(key, value), expires, cancellationToken);

    /// <summary>Whether a value can be kept at all.</summary>
    public bool Fits(T value) => JsonSerializer.SerializeToUtf8Bytes(value, type).Length + KeyRing.Overhead <= StoreOptions.LargestValue;

    private byte[] Seal(StoreKey key, T value) => ring.Seal(kind, Encoding.UTF8.GetBytes(key.ToString()), JsonSerializer.SerializeToUtf8Bytes(value, type));

    private StoreRead<Versioned<T>> Open(StoreKey key, StoreRead<byte[]> read)
    {
        if (read.Status != StoreStatus.Found)
            return new(read.Status, null);
        if (!ring.TryOpen(kind, Encoding.UTF8.GetBytes(key.ToString()), read.Value, out var plaintext))
            return StoreRead<Versioned<T>>.Missing;
        try
        {
            return JsonSerializer.Deserialize(plaintext, type) is { } value
                ? StoreRead<Versioned<T>>.Found(new(value, read.Value!))
                : StoreRead<Versioned<T>>.Missing;
        }
        catch (JsonException)
        {
            return StoreRead<Versioned<T>>.Missing; // sealed by another version of this program
        }
    }
}
