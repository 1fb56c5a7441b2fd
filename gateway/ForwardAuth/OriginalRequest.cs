namespace OrgGateway.ForwardAuth;

/// <summary>The request that a proxy asks about, as the proxy describes it: by one of the conventions in use, never by a mix of two.</summary>
/// <param name="Method">Null where the proxy does not say it.</param>
/// <param name="Target">Path and query as the proxy received them.</param>
/// <param name="Redirects">
/// Whether the proxy hands a redirect on to the browser (Traefik, Caddy, Envoy). nginx and HAProxy know only 2xx, 401 and 403.
/// </param>
public sealed record OriginalRequest(string? Method, string Target, bool Redirects)
{
    private const int LongestTarget = 16 * 1024;

    /// <param name="rest">What follows the endpoint's own path: Envoy appends the path it asks about.</param>
    /// <returns>Null when nothing, or more than one thing, is described.</returns>
    public static OriginalRequest? Read(HttpRequest request, string rest)
    {
        var headers = request.Headers;
        var forwarded = One(headers["X-Forwarded-Uri"]);
        var original = One(headers["X-Original-URI"]) ?? One(headers["X-Original-URL"]);
        var appended = rest.Length > 0 ? rest + request.QueryString.ToUriComponent() : null;
        // Two descriptions of one request are two requests: which of them the upstream gets, nobody knows here (T11).
        if (new[] { forwarded, original, appended }.Count(described => described is not null) != 1
            || headers["X-Forwarded-Uri"].Count + headers["X-Original-URI"].Count + headers["X-Original-URL"].Count > 1)
            return null;
        var method = original is not null ? One(headers["X-Original-Method"]) ?? One(headers["X-Forwarded-Method"])
            : forwarded is not null ? One(headers["X-Forwarded-Method"])
            : request.Method;
        var target = PathOf(forwarded ?? original ?? appended!);
        // A server refuses a blank and an encoded NUL by itself; a described target has not passed one (T29).
        return target is null || target.Length > LongestTarget || target.AsSpan().ContainsAnyInRange('\0', ' ') || target.Contains("%00", StringComparison.Ordinal)
            ? null
            : new(method, target, original is null);
    }

    // ingress-nginx sends a whole URL; its scheme and host are those of X-Forwarded-Proto and -Host, which were read already.
    private static string? PathOf(string described)
    {
        if (described.StartsWith('/'))
            return described;
        if (!Uri.TryCreate(described, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
            return null;
        var path = described.IndexOf('/', described.IndexOf("://", StringComparison.Ordinal) + 3);
        return path < 0 ? "/" : described[path..];
    }

    private static string? One(Microsoft.Extensions.Primitives.StringValues values) => values is [{ Length: > 0 } value] ? value : null;
}
