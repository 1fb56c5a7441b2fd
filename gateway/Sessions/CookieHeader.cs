using System.Text;
using Microsoft.Extensions.Primitives;

namespace OrgGateway.Sessions;

/// <summary>Finds and removes single cookies in a Cookie header (RFC 6265 §4.2.1), whatever else stands in it.</summary>
public static class CookieHeader
{
    /// <summary>The first of the name. A second one, planted by a sibling host, is never looked at (T49).</summary>
    public static bool TryFind(StringValues header, string name, out ReadOnlySpan<char> value)
    {
        for (var i = 0; i < header.Count; i++)
        {
            var rest = header[i].AsSpan();
            while (Next(ref rest, out var pair))
                if (Is(pair, name))
                {
                    value = pair[(name.Length + 1)..];
                    return true;
                }
        }
        value = default;
        return false;
    }

    /// <summary>The header without cookies of this name, its alias or with names of these prefixes; the others stay byte for byte and in order.</summary>
    public static StringValues Without(StringValues header, string name, string prefix, string? other = null, string? alias = null)
    {
        other ??= prefix;
        if (header.Count == 1 && header[0] is { } only && !only.Contains(';', StringComparison.Ordinal))
            return Goes(only.AsSpan().Trim(), name, prefix, other, alias) ? StringValues.Empty : header;
        var kept = new StringBuilder();
        foreach (var line in header)
        {
            var rest = line.AsSpan();
            while (Next(ref rest, out var pair))
                if (!Goes(pair, name, prefix, other, alias))
                    (kept.Length == 0 ? kept : kept.Append("; ")).Append(pair);
        }
        return kept.Length == 0 ? StringValues.Empty : kept.ToString();
    }

    private static bool Goes(ReadOnlySpan<char> pair, string name, string prefix, string other, string? alias) =>
        Is(pair, name) || (alias is not null && Is(pair, alias)) || pair.StartsWith(prefix, StringComparison.Ordinal) || pair.StartsWith(other, StringComparison.Ordinal);

    private static bool Is(ReadOnlySpan<char> pair, string name) =>
        pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal);

    private static bool Next(scoped ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> pair)
    {
        while (!rest.IsEmpty)
        {
            var semicolon = rest.IndexOf(';');
            pair = (semicolon < 0 ? rest : rest[..semicolon]).Trim();
            rest = semicolon < 0 ? default : rest[(semicolon + 1)..];
            if (!pair.IsEmpty)
                return true;
        }
        pair = default;
        return false;
    }
}
