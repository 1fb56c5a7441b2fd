namespace OrgGateway.Answers;

/// <summary>The one rule for a place to return to: a path on this very origin, or the safe default <c>/</c> (T39-T42).</summary>
public static class LocalUrl
{
    public const string Default = "/";
    private const int Longest = 2048;

    /// <returns><paramref name="next"/> where every browser would stay on this origin with it, else <c>/</c>.</returns>
    public static string Or(string? next) => IsLocal(next) ? next! : Default;

    /// <summary>The same for an absolute URL of this very origin, or a path.</summary>
    /// <param name="origin">As browsers write it: without a slash at the end.</param>
    public static string OfOrigin(string? url, string origin) =>
        // The slash ends the host: without it, "https://own.example@evil" and "https://own.example.evil" would begin with the origin too (T40, T42).
        url is not null && url.StartsWith(origin + "/", StringComparison.Ordinal) ? Or(url[origin.Length..]) : Or(url);

    public static bool IsLocal(string? next)
    {
        if (next is null || next.Length is 0 or > Longest || next[0] != '/')
            return false;
        // Visible ASCII only: control characters are dropped by browsers before parsing ("/\t/evil"), and full-width
        // slashes fold to plain ones in some of them.
        foreach (var c in next)
            if (c is < '!' or > '~' or '\\')
                return false;
        var path = next.AsSpan(0, next.AsSpan().IndexOfAny('?', '#') is var end and >= 0 ? end : next.Length);
        // Decoded to a fixed point, because whatever follows may decode once more ("/%252f%252fevil").
        var decoded = path.ToString();
        for (var round = 0; round < 4; round++)
        {
            if (decoded.Length > 1 && decoded[1] is '/' or '\\' || HasUnsafe(decoded))
                return false;
            var once = Uri.UnescapeDataString(decoded);
            if (once == decoded)
                return !HasDotSegmentToRoot(decoded) && !HasEscape(decoded);
            decoded = once;
        }
        return false;
    }

    private static bool HasUnsafe(string path)
    {
        foreach (var c in path)
            if (c < ' ' || c is '\\' or '\u007f')
                return true;
        return false;
    }

    // What is left when nothing decodes any more is no UTF-8: lax readers take "%c0%af" for a slash.
    private static bool HasEscape(string path)
    {
        for (var i = 0; i + 2 < path.Length; i++)
            if (path[i] == '%' && char.IsAsciiHexDigit(path[i + 1]) && char.IsAsciiHexDigit(path[i + 2]))
                return true;
        return false;
    }

    // "/./\evil" and "/x/..//evil" become "//evil" once a browser has removed the dot segments.
    private static bool HasDotSegmentToRoot(string path)
    {
        if (!path.Contains("/.", StringComparison.Ordinal))
            return false;
        foreach (var segment in path.Split('/'))
            if (segment is "." or "..")
                return true;
        return false;
    }
}
