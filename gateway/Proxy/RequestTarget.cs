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
        for (var at = path.IndexOf('%'); at >= 0; at = Next(path, at))
        {
            if (at + 2 >= path.Length || !char.IsAsciiHexDigit(path[at + 1]) || !char.IsAsciiHexDigit(path[at + 2]))
                return true;
            var value = (Convert.ToInt32(path.Slice(at + 1, 1).ToString(), 16) * 16) + Convert.ToInt32(path.Slice(at + 2, 1).ToString(), 16);
            if (value is '/' or '\\' or < 0x20 or 0x7f)
                return true;
        }
        return false;
    }

    private static int Next(ReadOnlySpan<char> path, int at)
    {
        var next = path[(at + 1)..].IndexOf('%');
        return next < 0 ? -1 : at + 1 + next;
    }
}
