using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Storage;

/// <summary>SHA-256 of a credential, as a key of this process's memory: what is looked up is never the credential itself.</summary>
public readonly record struct Sha256Hash
{
    private readonly ulong _a, _b, _c, _d;

    private Sha256Hash(ReadOnlySpan<byte> hash)
    {
        var parts = MemoryMarshal.Cast<byte, ulong>(hash);
        (_a, _b, _c, _d) = (parts[0], parts[1], parts[2], parts[3]);
    }

    public static Sha256Hash Of(ReadOnlySpan<char> text)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes)), hash);
            return new(hash);
        }
        finally
        {
            // It held a credential.
            ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        }
    }

    /// <returns>Null for what <see cref="ToString"/> did not write.</returns>
    public static Sha256Hash? TryParse(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        return text.Length == 43 && Base64Url.TryDecodeFromChars(text, hash, out var length) && length == hash.Length ? new(hash) : null;
    }

    public void CopyTo(Span<byte> hash)
    {
        var parts = MemoryMarshal.Cast<byte, ulong>(hash);
        (parts[0], parts[1], parts[2], parts[3]) = (_a, _b, _c, _d);
    }

    /// <summary>In base64url: fit for a key of the store, useless as the credential.</summary>
    public override string ToString()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        CopyTo(hash);
        return Base64Url.EncodeToString(hash);
    }

    // Already uniform.
    public override int GetHashCode() => (int)_a;
}
