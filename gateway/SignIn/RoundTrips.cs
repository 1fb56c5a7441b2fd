using System.Security.Cryptography;
using System.Text;
using OrgGateway.Configuration;
using OrgGateway.Sessions;

namespace OrgGateway.SignIn;

/// <summary>
/// Ends a circle: a browser that signs in, is sent where it wanted to go, and is back for the same sign-in, because its session does not
/// stick. After six times in a minute it gets a page (T45).
/// </summary>
/// <remarks>
/// The count is in a cookie, since nothing else tells browsers apart, and the cookie is set only once a circle shows: the session of the
/// same person's last sign-in, for the same place and from the same address, was never used or has ended.
/// </remarks>
public sealed class RoundTrips(SessionStore sessions, SessionCookie session, Site site, TimeProvider clock)
{
    private const int Most = 6;
    private const int MostRemembered = 10_000;
    private const string Place = "sign-in";
    private const string RestartName = "restart";
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly Dictionary<string, (SessionId Session, int Count, DateTimeOffset Since)> _last = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    // It slides: where a password is typed each time, six turns take longer than a minute.
    private readonly TripCookie _counted = new(session.LoginPrefix + "trips", slides: true, site, clock);

    /// <summary>Whether a login that is about to begin is one of a circle.</summary>
    public bool IsCircle(HttpContext context) => !session.IsPresent(context.Request) && _counted.Ends(context, Place);

    /// <summary>A sign-in has succeeded.</summary>
    public void Count(HttpContext context, SessionRecord record, SessionId id, string next)
    {
        var now = clock.GetUtcNow();
        var former = Remember(KeyOf("sign-in", record.Issuer, record.Subject, next, Address(context)), id, now);
        if (_counted.Counts(context.Request, Place) || (former is { } unused && !sessions.IsInUse(unused.Session)))
            _counted.Count(context, Place, before: 1);
    }

    /// <summary>A browser has come with this session's cookie: it sticks, and what ends it now is no circle.</summary>
    public void Forget(SessionId id)
    {
        lock (_gate)
            foreach (var (key, entry) in _last)
                if (entry.Session == id)
                    _last.Remove(key);
    }

    /// <summary>Whether an unsolicited callback may begin a login: once in a browser, and a few times from an address that keeps no cookies.</summary>
    public bool MayRestart(HttpContext context)
    {
        if (context.Request.Cookies.ContainsKey(session.LoginPrefix + RestartName))
            return false;
        var now = clock.GetUtcNow();
        if (Remember(KeyOf("restart", Address(context)), default, now) is { Count: >= Most })
            return false;
        context.Response.Cookies.Append(session.LoginPrefix + RestartName, "1", TripCookie.Attributes(site, Window));
        return true;
    }

    /// <returns>What was remembered within the last minute.</returns>
    private (SessionId Session, int Count)? Remember(string key, SessionId id, DateTimeOffset now)
    {
        lock (_gate)
        {
            var known = _last.TryGetValue(key, out var last) && now - last.Since < Window ? last : default;
            if (known.Count == 0 && _last.Count >= MostRemembered)
            {
                foreach (var (old, entry) in _last)
                    if (now - entry.Since >= Window)
                        _last.Remove(old);
                if (_last.Count >= MostRemembered)
                    _last.Clear(); // then a circle takes a turn longer
            }
            _last[key] = (id, known.Count + 1, known.Count == 0 ? now : known.Since);
            return known.Count == 0 ? null : (known.Session, known.Count);
        }
    }

    private static string Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";

    private static string KeyOf(params string[] parts) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(parts.Select(part => $"{part.Length}:{part}")))));
}
