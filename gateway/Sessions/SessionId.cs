using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Sessions;

/// <summary>SHA-256 of the 256-bit id in the cookie: all that the store and this process's memory know of it.</summary>
public readonly record struct SessionId
{
    /// <summary>Length of the cookie's value: 32 random bytes in base64url.</summary>
    public const int CookieLength = 43;

    // Base64Url.IsValid would let white space pass.
    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private readonly ulong _a, _b, _c, _d;

    private SessionId(ReadOnlySpan<byte> hash)
    {
        var parts = MemoryMarshal.Cast<byte, ulong>(hash);
        (_a, _b, _c, _d) = (parts[0], parts[1], parts[2], parts[3]);
    }

    /// <summary>Makes a new id; <paramref name="cookie"/> goes to the browser and nowhere else.</summary>
    public static SessionId New(out string cookie)
    {
        Span<byte> random = stackalloc byte[32];
        RandomNumberGenerator.Fill(random);
        cookie = Base64Url.EncodeToString(random);
        TryOf(cookie, out var id);
        return id;
    }

    /// <returns>False for anything that cannot be a cookie of ours; then there is no look-up at all.</returns>
    public static bool TryOf(ReadOnlySpan<char> cookie, out SessionId id)
    {
        id = default;
        if (cookie.Length != CookieLength || cookie.ContainsAnyExcept(Alphabet))
            return false;
        Span<byte> ascii = stackalloc byte[CookieLength];
        Encoding.ASCII.GetBytes(cookie, ascii);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(ascii, hash);
        id = new SessionId(hash);
        return true;
    }

    /// <summary>From a published hash (<see cref="CopyTo"/>).</summary>
    public static bool TryFromHash(ReadOnlySpan<byte> hash, out SessionId id)
    {
        id = hash.Length == SHA256.HashSizeInBytes ? new SessionId(hash) : default;
        return hash.Length == SHA256.HashSizeInBytes;
    }

    /// <summary>From <see cref="ToString"/>.</summary>
    public static bool TryParse(string text, out SessionId id)
    {
        id = default;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        return text.Length == CookieLength && !text.AsSpan().ContainsAnyExcept(Alphabet)
            && Base64Url.TryDecodeFromChars(text, hash, out var length) && length == hash.Length && TryFromHash(hash, out id);
    }

    public void CopyTo(Span<byte> hash)
    {
        var parts = MemoryMarshal.Cast<byte, ulong>(hash);
        (parts[0], parts[1], parts[2], parts[3]) = (_a, _b, _c, _d);
    }

    public byte[] ToBytes()
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        CopyTo(hash);
        return hash;
    }

    /// <summary>The hash in base64url: fit for a key or a log, useless as a cookie.</summary>
    public override string ToString()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        CopyTo(hash);
        return Base64Url.EncodeToString(hash);
    }

    // Already uniform.
    public override int GetHashCode() => (int)_a;
}
