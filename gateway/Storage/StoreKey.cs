using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace OrgGateway.Storage;

/// <summary>
/// Name of a value in the store: its kind and a hash of what it is about. Fields are length-prefixed before hashing, so that no
/// two lists of fields share a name (T48, T64), and no e-mail, token or odd character ever stands in a key (K11, T115).
/// </summary>
public readonly record struct StoreKey
{
    private StoreKey(string kind, string name) => (Kind, Name) = (kind, name);

    /// <summary>A constant of this program, such as <c>session</c>.</summary>
    public string Kind { get; }

    public string Name { get; }

    public static StoreKey Of(string kind, params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var part in parts)
        {
            // The characters as they are: an encoder replaces lone surrogates and would give different fields one name.
            var bytes = MemoryMarshal.AsBytes(part.AsSpan());
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
        return OfHash(kind, hash.GetHashAndReset());
    }

    /// <summary>For what is known by its SHA-256 alone.</summary>
    public static StoreKey OfHash(string kind, ReadOnlySpan<byte> sha256) => new(kind, Base64Url.EncodeToString(sha256));

    public override string ToString() => Kind + ":" + Name;
}
