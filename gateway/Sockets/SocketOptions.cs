using OrgGateway.Configuration;

namespace OrgGateway.Sockets;

/// <summary><c>Gateway:Sockets</c>: WebSockets and streaming responses. The limits change with a reload; the rest needs a restart.</summary>
public sealed class SocketOptions
{
    public const string Section = "Gateway:Sockets";
    private const int Most = 10_000_000;

    /// <summary>Most open sockets of one session on this replica; one more handshake answers 429. 0 to 10,000,000; default 0: no limit.</summary>
    public int MaxPerSession { get; init; }

    /// <summary>Most open sockets of one organization on this replica; one more handshake answers 429. 0 to 10,000,000; default 0: no limit.</summary>
    public int MaxPerOrganization { get; init; }

    /// <summary>Most open sockets on this replica; one more handshake answers 429. 0 to 10,000,000; default 0: no limit.</summary>
    public int Max { get; init; }

    /// <summary>
    /// How often the session behind an open socket or stream is read from the store and the access decided anew: how long a lost
    /// revocation message can matter. 1 second to 1 hour; default 30 seconds.
    /// </summary>
    public TimeSpan RecheckEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time without a byte either way after which a socket is given up. 1 minute to 20 days; default 1 day.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Status for a plain request to a route with <c>WebSocket: require</c>, over HTTP/1.1; over HTTP/2 it is always 400. 426 or 400; default 426. A change needs a restart.</summary>
    public int UpgradeRequiredStatus { get; init; } = StatusCodes.Status426UpgradeRequired;

    /// <summary>How long a client may take to answer the Close frame 1012 of a shutdown before its socket is cut. 0 to 5 seconds; default 2 seconds.</summary>
    public TimeSpan DrainGrace { get; init; } = TimeSpan.FromSeconds(2);

    public void Check(Faults faults)
    {
        faults.Range(Section + ":MaxPerSession", MaxPerSession, 0, Most);
        faults.Range(Section + ":MaxPerOrganization", MaxPerOrganization, 0, Most);
        faults.Range(Section + ":Max", Max, 0, Most);
        faults.Range(Section + ":RecheckEvery", RecheckEvery, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        faults.Range(Section + ":IdleTimeout", IdleTimeout, TimeSpan.FromMinutes(1), TimeSpan.FromDays(20));
        if (UpgradeRequiredStatus is not (StatusCodes.Status426UpgradeRequired or StatusCodes.Status400BadRequest))
            faults.Add(Section + ":UpgradeRequiredStatus", "allowed are 426 and 400");
        faults.Range(Section + ":DrainGrace", DrainGrace, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }
}
