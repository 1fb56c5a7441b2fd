using System.Globalization;

namespace OrgGateway.Tests.Servers;

/// <summary>
/// Cookies kept by origin: scheme, host and port. Real browsers share them between the ports of a host; keeping them apart
/// shows that no server lives on another's cookie.
/// </summary>
public sealed class BrowserCookies
{
    private readonly Dictionary<string, List<Cookie>> _byOrigin = new(StringComparer.Ordinal);

    /// <returns>The value of a cookie, or null.</returns>
    public string? Value(Uri url, string name) => Of(url).Find(cookie => cookie.Name == name)?.Value;

    public IReadOnlyList<string> Names(Uri url) => [.. Of(url).Select(cookie => cookie.Name)];

    /// <summary>Puts a cookie of the root path there, as an attacker or another tab would.</summary>
    public void Set(Uri url, string name, string value) => Put(url, new Cookie(name, value, "/"));

    public void Clear(Uri url) => Of(url).Clear();

    /// <summary>The cookies of one origin are those of another one: two replicas are one place to a browser.</summary>
    public void Move(Uri from, Uri to)
    {
        if (Of(from) == Of(to))
            return;
        Clear(to);
        Of(to).AddRange(Of(from));
        Clear(from);
    }

    /// <returns>The header for a request, or null when no cookie goes along.</returns>
    public string? Header(Uri url)
    {
        var covering = Of(url).Where(cookie => Covers(cookie.Path, url.AbsolutePath)).ToList();
        return covering.Count == 0 ? null : string.Join("; ", covering.Select(cookie => $"{cookie.Name}={cookie.Value}"));
    }

    /// <summary>Reads one Set-Cookie line (RFC 6265 §5.2). Secure cookies go over http too: the tests run on loopback.</summary>
    public void Read(Uri url, string line)
    {
        var parts = line.Split(';', StringSplitOptions.TrimEntries);
        var (name, value) = Pair(parts[0]);
        var attributes = parts.Skip(1).Select(Pair).ToLookup(pair => pair.Name, pair => pair.Value, StringComparer.OrdinalIgnoreCase);
        var path = attributes["path"].LastOrDefault() is ['/', ..] given ? given : "/";
        Of(url).RemoveAll(cookie => cookie.Name == name && cookie.Path == path);
        if (!IsOver(attributes))
            Put(url, new Cookie(name, value, path));
    }

    private static bool IsOver(ILookup<string, string> attributes) =>
        int.TryParse(attributes["max-age"].LastOrDefault(), CultureInfo.InvariantCulture, out var seconds)
            ? seconds <= 0
            : DateTimeOffset.TryParse(attributes["expires"].LastOrDefault(), CultureInfo.InvariantCulture, out var expires)
                && expires <= TimeProvider.System.GetUtcNow();

    private static (string Name, string Value) Pair(string text) =>
        text.IndexOf('=', StringComparison.Ordinal) is >= 0 and var mark ? (text[..mark].Trim(), text[(mark + 1)..].Trim()) : (text, "");

    private static bool Covers(string cookiePath, string path) =>
        path == cookiePath
        || (path.StartsWith(cookiePath, StringComparison.Ordinal) && (cookiePath.EndsWith('/') || path[cookiePath.Length] == '/'));

    private void Put(Uri url, Cookie cookie)
    {
        Of(url).RemoveAll(known => known.Name == cookie.Name && known.Path == cookie.Path);
        Of(url).Add(cookie);
    }

    private List<Cookie> Of(Uri url)
    {
        var origin = url.GetLeftPart(UriPartial.Authority);
        if (!_byOrigin.TryGetValue(origin, out var cookies))
            _byOrigin[origin] = cookies = [];
        return cookies;
    }

    private sealed record Cookie(string Name, string Value, string Path);
}
