using System.Buffers;
using OrgGateway.Access;

namespace OrgGateway.Proxy;

/// <summary>
/// What servers make of a path that the gateway takes as it stands: some join slashes, cut parameters and dots off a segment's end, or decode
/// once more. Where such a reading is a protected path of another route, that route's rule would be passed by with this one's (T27, T28).
/// </summary>
public sealed class PathReadings(RouteMatch routes)
{
    // Everything that a reading below changes, and a dot or blank at the end.
    private static readonly SearchValues<string> Marks = SearchValues.Create(["//", ";", "%", "./", " /"], StringComparison.Ordinal);

    /// <summary>False of nearly every path: there is one reading of it.</summary>
    public static bool AreSeveral(string? path) => path is { Length: > 1 } && (path.AsSpan().ContainsAny(Marks) || path[^1] is '.' or ' ');

    public async Task<bool> MeetAnotherRuleAsync(HttpContext context, RoutePolicy policy)
    {
        var path = context.Request.Path.Value!;
        foreach (var reading in Of(path).Where(reading => reading != path).Distinct(StringComparer.Ordinal))
        {
            var read = new DefaultHttpContext();
            var (request, asked) = (read.Request, context.Request);
            (request.Method, request.Scheme, request.Path, request.QueryString) = (asked.Method, asked.Scheme, reading, asked.QueryString);
            foreach (var header in asked.Headers)
                request.Headers[header.Key] = header.Value;
            await routes.InvokeAsync(read);
            if (read.GetEndpoint()?.Metadata.GetMetadata<RoutePolicy>() is { Access: not AccessLevel.Public } other && other.RouteId != policy.RouteId)
                return true;
        }
        return false;
    }

    private static IEnumerable<string> Of(string path)
    {
        var joined = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        yield return Path(joined);
        yield return Path(joined.Select(Bare));
        var decoded = new List<string>();
        foreach (var segment in Uri.UnescapeDataString(path).Split('/', '\\'))
            if (Bare(segment) is { Length: > 0 } bare)
                decoded.Add(bare);
            else if (segment.StartsWith("..", StringComparison.Ordinal) && decoded.Count > 0)
                decoded.RemoveAt(decoded.Count - 1);
        yield return Path(decoded);
    }

    private static string Bare(string segment) => (segment.IndexOf(';', StringComparison.Ordinal) is var end and >= 0 ? segment[..end] : segment).TrimEnd('.', ' ');

    private static string Path(IEnumerable<string> segments) => "/" + string.Join('/', segments.Where(segment => segment.Length > 0));
}
