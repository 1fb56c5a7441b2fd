using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.SignIn;

/// <summary>
/// Which transaction cookies a browser most likely holds. They go to the callback alone, so a login does not see them; to take the oldest
/// one away it must be remembered here. Taking away a cookie that the browser has not got does nothing.
/// </summary>
public sealed class BegunLogins(TimeProvider clock)
{
    /// <summary>More tabs than these do not sign in at one time (T56).</summary>
    public const int MostCookies = 5;

    private const int MostBrowsers = 10_000;
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private readonly Dictionary<string, (Queue<string> Names, DateTimeOffset Last)> _byBrowser = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <returns>The cookie that is one too many, or null.</returns>
    public string? Add(HttpRequest request, string cookie)
    {
        var browser = BrowserOf(request);
        var now = clock.GetUtcNow();
        lock (_gate)
        {
            if (!_byBrowser.TryGetValue(browser, out var begun))
            {
                MakeRoom(now);
                begun.Names = new();
            }
            begun.Names.Enqueue(cookie);
            _byBrowser[browser] = (begun.Names, now);
            return begun.Names.Count > MostCookies ? begun.Names.Dequeue() : null;
        }
    }

    private void MakeRoom(DateTimeOffset now)
    {
        if (_byBrowser.Count < MostBrowsers)
            return;
        foreach (var (browser, begun) in _byBrowser)
            if (now - begun.Last > Longest)
                _byBrowser.Remove(browser);
        // Cookies end by themselves: to forget them all costs nobody a login.
        if (_byBrowser.Count >= MostBrowsers)
            _byBrowser.Clear();
    }

    // Several people may look alike; the names of their cookies differ, so none loses another's.
    private static string BrowserOf(HttpRequest request) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{request.HttpContext.Connection.RemoteIpAddress}\n{request.Headers.UserAgent}\n{request.Headers.AcceptLanguage}")));
}
