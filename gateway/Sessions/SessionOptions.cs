using OrgGateway.Configuration;

namespace OrgGateway.Sessions;

/// <summary><c>Gateway:Sessions</c>.</summary>
public sealed class SessionOptions
{
    public const string Section = "Gateway:Sessions";
    private const string HostPrefix = "__Host-";

    /// <summary>Name of the session cookie. Default <c>__Host-orggw</c>; on a loopback http origin the prefix is left off, since browsers tie it to Secure.</summary>
    public string Cookie { get; init; } = "__Host-orggw";

    /// <summary>Domain that shares the session between hosts; default none (this host only). A name with <c>__Host-</c> allows none (RFC 6265bis §4.1.3.2).</summary>
    public string? CookieDomain { get; init; }

    /// <summary>Time without a request after which a session ends. 1 second to 30 days; default 1 day.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Time after sign-in at which a session ends whatever happens. 1 second to 90 days; default 7 days.</summary>
    public TimeSpan AbsoluteTimeout { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long a replica answers from its own copy before it reads the store again. 1 second to 5 minutes; default 30 seconds.</summary>
    public TimeSpan CopyFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary><see cref="CopyFor"/>, and with a short <see cref="IdleTimeout"/> no more than 1/24 of it: only a copy that is read again lets the store's end slide.</summary>
    public TimeSpan CopyLife => TimeSpan.FromTicks(Math.Min(CopyFor.Ticks, IdleTimeout.Ticks / 24));

    /// <summary>How long the copy keeps serving while the store cannot be read. 0 to 1 hour; default 5 minutes.</summary>
    public TimeSpan OutageGrace { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most sessions held in process. 100 to 10,000,000; default 100,000.</summary>
    public int CopyLimit { get; init; } = 100_000;

    public void Check(Faults faults)
    {
        faults.Range(Section + ":IdleTimeout", IdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        faults.Range(Section + ":AbsoluteTimeout", AbsoluteTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(90));
        faults.Range(Section + ":CopyFor", CopyFor, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        faults.Range(Section + ":OutageGrace", OutageGrace, TimeSpan.Zero, TimeSpan.FromHours(1));
        faults.Range(Section + ":CopyLimit", CopyLimit, 100, 10_000_000);
        if (IdleTimeout > AbsoluteTimeout)
            faults.Add(Section + ":IdleTimeout", "is longer than Gateway:Sessions:AbsoluteTimeout");
        if (Cookie.Length is 0 or > 64 || !Cookie.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            faults.Add(Section + ":Cookie", "allowed are 1 to 64 letters, digits, '-' and '_'");
        if (CookieDomain is { Length: > 0 } && Cookie.StartsWith(HostPrefix, StringComparison.Ordinal))
            faults.Add(Section + ":CookieDomain", "a cookie named __Host-... belongs to one host; choose another Gateway:Sessions:Cookie");
    }

    /// <summary>Whether the hosts that browsers use can share the session as configured.</summary>
    /// <param name="origins">Those that are no origins are somebody else's faults.</param>
    public void CheckHosts(IEnumerable<string?> origins, Faults faults)
    {
        string[] hosts = [.. origins.Select(o => Uri.TryCreate(o, UriKind.Absolute, out var url) ? url.Host : "").Where(h => h.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)];
        if (CookieDomain is { Length: > 0 } given)
        {
            var domain = given.TrimStart('.');
            if (domain.Length == 0 || !domain.Contains('.', StringComparison.Ordinal))
                faults.Add(Section + ":CookieDomain", $"'{given}' is no domain that a cookie can be shared below, such as example.com");
            foreach (var host in hosts.Where(h => !h.Equals(domain, StringComparison.OrdinalIgnoreCase) && !h.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase)))
                faults.Add(Section + ":CookieDomain", $"{host} is not below {domain}: its browsers would refuse the cookie");
        }
        else if (hosts.Length > 1)
        {
            faults.Warn(Section + ":CookieDomain", $"not set, so that {string.Join(" and ", hosts)} each need a sign-in of their own");
        }
    }
}
