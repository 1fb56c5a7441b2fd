using System.Globalization;

namespace OrgGateway.Tests.Sessions;

/// <summary>A browser's cookies for one origin, by the storage rules of RFC 6265bis §5.7: what breaks a rule is ignored.</summary>
internal sealed class BrowserJar(Uri origin)
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Dictionary<(string Name, string Domain, bool HostOnly, string Path), string> _cookies = [];

    public int Count => _cookies.Count;

    /// <summary>Cookie of the next request to the origin's root.</summary>
    public string Header => string.Join("; ", _cookies.Select(cookie => $"{cookie.Key.Name}={cookie.Value}"));

    public void Receive(string setCookie)
    {
        var parts = setCookie.Split(';', StringSplitOptions.TrimEntries);
        var (name, value) = Pair(parts[0]);
        var attributes = parts.Skip(1).Select(Pair).ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.OrdinalIgnoreCase);
        var secure = attributes.ContainsKey("secure");
        var domain = attributes.GetValueOrDefault("domain") is { Length: > 0 } given ? given.TrimStart('.') : null;
        var path = attributes.GetValueOrDefault("path") is ['/', ..] rooted ? rooted : "/";
        if (secure && origin.Scheme != Uri.UriSchemeHttps)
            return;
        if (domain is not null && origin.Host != domain && !origin.Host.EndsWith("." + domain, StringComparison.Ordinal))
            return;
        if (name.StartsWith("__Secure-", StringComparison.OrdinalIgnoreCase) && !secure)
            return;
        if (name.StartsWith("__Host-", StringComparison.OrdinalIgnoreCase) && (!secure || domain is not null || attributes.GetValueOrDefault("path") != "/"))
            return;

        var key = (name, domain ?? origin.Host, domain is null, path);
        if (attributes.TryGetValue("expires", out var expires) && DateTimeOffset.Parse(expires, CultureInfo.InvariantCulture) <= Now)
            _cookies.Remove(key);
        else
            _cookies[key] = value;
    }

    private static (string Name, string Value) Pair(string text) =>
        text.IndexOf('=', StringComparison.Ordinal) is >= 0 and var mark ? (text[..mark].Trim(), text[(mark + 1)..].Trim()) : (text, "");
}
