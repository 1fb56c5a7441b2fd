using System.Net.Http.Headers;

namespace OrgGateway.Replay;

/// <summary>Reads from an upstream's 401 whether another token could help.</summary>
public static class Challenge
{
    private static readonly string[] OtherSchemes = ["Basic", "Digest", "Negotiate", "NTLM", "Kerberos", "HOBA", "Mutual"];

    /// <summary>
    /// Yes without a challenge, or where one asks for a token and does not say that something else is wrong: <c>insufficient_scope</c>
    /// (RFC 6750 §3.1) and <c>insufficient_user_authentication</c> (RFC 9470 §3) hold for a fresh token as well.
    /// </summary>
    public static bool AllowsAnother(HttpResponseHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues("WWW-Authenticate", out var values))
            return true;
        var asksForToken = false;
        foreach (var value in values)
        {
            if (!AllowsAnother(value, out var asks))
                return false;
            asksForToken |= asks;
        }
        return asksForToken;
    }

    /// <param name="asksForToken">Whether a scheme in it is none of those that have no tokens.</param>
    internal static bool AllowsAnother(string value, out bool asksForToken)
    {
        asksForToken = false;
        var rest = value.AsSpan();
        while (NextWord(ref rest, out var word, out var isParameter))
        {
            if (!isParameter)
            {
                asksForToken |= !IsOther(word);
                continue;
            }
            var argument = ReadValue(ref rest);
            if (word.Equals("error", StringComparison.OrdinalIgnoreCase) && !argument.Equals("invalid_token", StringComparison.Ordinal))
                return false;
        }
        return true;
    }

    // Words are schemes and parameter names; a name has "=" behind it. What a quoted value holds is never taken for either.
    private static bool NextWord(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> word, out bool isParameter)
    {
        rest = rest.TrimStart(" \t,");
        var length = 0;
        while (length < rest.Length && rest[length] is not (' ' or '\t' or ',' or '=' or '"'))
            length++;
        word = rest[..length];
        rest = rest[length..].TrimStart(" \t");
        isParameter = rest is ['=', ..];
        if (word.IsEmpty && !rest.IsEmpty)
            rest = rest[1..]; // not the grammar: one character on, so that this ends
        return !word.IsEmpty || !rest.IsEmpty;
    }

    private static ReadOnlySpan<char> ReadValue(ref ReadOnlySpan<char> rest)
    {
        rest = rest[1..].TrimStart(" \t");
        if (rest is ['"', ..])
        {
            var end = 1;
            while (end < rest.Length && rest[end] != '"')
                end += rest[end] == '\\' ? 2 : 1;
            end = Math.Min(end, rest.Length);
            var quoted = rest[1..end];
            rest = end < rest.Length ? rest[(end + 1)..] : default;
            return quoted;
        }
        var length = rest.IndexOfAny(" \t,");
        var value = length < 0 ? rest : rest[..length];
        rest = rest[value.Length..];
        return value;
    }

    private static bool IsOther(ReadOnlySpan<char> scheme)
    {
        foreach (var other in OtherSchemes)
            if (scheme.Equals(other, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }
}
