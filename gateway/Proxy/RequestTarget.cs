using Microsoft.AspNetCore.Http.Features;

namespace OrgGateway.Proxy;

/// <summary>
/// Refuses request targets that two servers read differently. What is matched here is what is forwarded; an encoded separator
/// or a backslash would let an upstream see another path than the one that was judged (T21, T22, T27).
/// </summary>
public static class RequestTarget
{
    public static bool IsAmbiguous(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var path = target.AsSpan(0, target.AsSpan().IndexOf('?') is var query and >= 0 ? query : target.Length);
        if (path.ContainsAny('\\', '#'))
            return true;
        return (path.Contains('%') && HasAmbiguousEscape(path)) || (path.Contains(';') && HasDotSegmentWithParameter(path));
    }

    /// <summary>Of a path that no server has taken <c>.</c> and <c>..</c> out of yet, plain or encoded.</summary>
    public static bool HasDotSegment(HttpContext context)
    {
        foreach (var segment in (context.Request.Path.Value ?? "").Split('/'))
            if (segment is "." or "..")
                return true;
        return false;
    }

    private static bool HasAmbiguousEscape(ReadOnlySpan<char> path)
    {
        Span<byte> run = stackalloc byte[4];
        for (var at = path.IndexOf('%'); at >= 0; at = Next(path, at))
        {
            if (!TryDecode(path, at, out var value))
                return true;
            if (value is (byte)'/' or (byte)'\\' or < 0x20 or 0x7f)
                return true;
            if (value < 0x80)
                continue;
            // Overlong and broken UTF-8 is a dot or a slash to some servers and nothing to others (RFC 3629 §3).
            var length = 0;
            while (length < run.Length && TryDecode(path, at + (3 * length), out var next) && (length == 0 || next is >= 0x80 and < 0xc0))
                run[length++] = next;
            if (System.Text.Rune.DecodeFromUtf8(run[..length], out _, out var used) != System.Buffers.OperationStatus.Done || used != length)
                return true;
            at += 3 * (length - 1);
        }
        return false;
    }

    // "..;x" is a parent directory to servers that cut parameters off a segment before they look at it, and a name to others.
    private static bool HasDotSegmentWithParameter(ReadOnlySpan<char> path)
    {
        foreach (var segment in path.ToString().Split('/'))
            if (segment.IndexOf(';', StringComparison.Ordinal) is var end and >= 0 && Uri.UnescapeDataString(segment[..end]) is "." or "..")
                return true;
        return false;
    }

    private static bool TryDecode(ReadOnlySpan<char> path, int at, out byte value)
    {
        value = 0;
        return at + 2 < path.Length && path[at] == '%' && byte.TryParse(path.Slice(at + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out value);
    }

    private static int Next(ReadOnlySpan<char> path, int at)
    {
        var next = path[(at + 1)..].IndexOf('%');
        return next < 0 ? -1 : at + 1 + next;
    }
}
