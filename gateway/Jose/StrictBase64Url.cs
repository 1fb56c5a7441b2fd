using System.Buffers;
using System.Buffers.Text;

namespace OrgGateway.Jose;

/// <summary>
/// Base64url as RFC 7515 §2 has it: no padding, no white space, and one spelling for each sequence of bytes, so that a token
/// cannot be respelled around a list of refused ones.
/// </summary>
internal static class StrictBase64Url
{
    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>The library's decoder skips white space and takes padding, so the alphabet is checked before it.</summary>
    public static bool HasOnlyAlphabet(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Alphabet);

    /// <returns>The bytes, or null when the text is not their one spelling.</returns>
    public static byte[]? TryDecode(ReadOnlySpan<char> text)
    {
        // Spare bits of the last character must be zero: the decoder refuses others.
        if (!HasOnlyAlphabet(text) || text.Length % 4 == 1)
            return null;

        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        return Base64Url.DecodeFromChars(text, bytes, out var consumed, out var written) is OperationStatus.Done
            && consumed == text.Length && written == bytes.Length ? bytes : null;
    }
}
