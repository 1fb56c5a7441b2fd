using System.Buffers;
using System.Security.Cryptography;

namespace OrgGateway.ApiKeys;

/// <summary>
/// A key is <c>prefix_</c>, 43 random characters (256 bits) and a checksum of 6: a scanner recognises it without asking anybody, and
/// what is mistyped or invented never reaches the store.
/// </summary>
public sealed class ApiKeyFormat(string prefix)
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int Random = 43;
    private const int Checksum = 6;
    private static readonly SearchValues<char> Alphabet = SearchValues.Create(Digits);
    private readonly string _start = prefix + "_";

    /// <summary>How much of a key may stand in a log: it names no key and opens nothing.</summary>
    public int ShownLength => _start.Length + 6;

    public string New()
    {
        var body = _start + RandomNumberGenerator.GetString(Digits, Random);
        return body + ChecksumOf(body);
    }

    /// <summary>Whether a bearer credential is meant to be a key.</summary>
    public bool Begins(string text) => text.StartsWith(_start, StringComparison.Ordinal);

    public bool IsWellFormed(string text)
    {
        if (text.Length != _start.Length + Random + Checksum || !Begins(text) || text.AsSpan(_start.Length).ContainsAnyExcept(Alphabet))
            return false;
        return ChecksumOf(text.AsSpan(0, text.Length - Checksum)).AsSpan().SequenceEqual(text.AsSpan(text.Length - Checksum));
    }

    /// <returns>The part for logs and audit; null for what is not of our form, which could be anybody's secret.</returns>
    public string? Shown(string text) => Begins(text) && text.Length > ShownLength ? text[..ShownLength] : null;

    // CRC-32 (ISO 3309), as other scanners' patterns have it; no secret depends on it.
    private static string ChecksumOf(ReadOnlySpan<char> body)
    {
        var crc = uint.MaxValue;
        foreach (var c in body)
        {
            crc ^= (byte)c;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320u & (uint)-(int)(crc & 1));
        }
        crc = ~crc;
        Span<char> digits = stackalloc char[Checksum];
        for (var i = Checksum - 1; i >= 0; i--, crc /= (uint)Digits.Length)
            digits[i] = Digits[(int)(crc % (uint)Digits.Length)];
        return digits.ToString();
    }
}
