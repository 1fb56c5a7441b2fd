using OrgGateway.Access;
using OrgGateway.Orgs;
using OrgGateway.Sessions;
using OrgGateway.Storage;
using OrgGateway.Tokens;

namespace OrgGateway.Sockets;

/// <summary>Asks of an open socket or stream what a request of now would be asked: whether there is a session, and whether it may.</summary>
public sealed class LiveAccess(SessionStore sessions, UserTokens tokens, OrgResolver orgs, AccessDecision decision, CurrentCatalog catalog, Func<string, RoutePolicy?> policies, SteadyClock clock)
{
    /// <summary>By this replica's copy: what it knows of ends and revocations.</summary>
    /// <returns>Why the connection must close; null where it may stay.</returns>
    public async ValueTask<CloseReason?> CheckAsync(LiveConnection connection, CancellationToken cancellationToken)
    {
        if (connection.SessionId is not { } id)
            return null;
        var found = await sessions.FindAsync(id, cancellationToken);
        return found.Status == SessionStatus.None ? CloseReason.SessionEnded
            : found.Session is { } session ? await DecideAsync(connection, Caller.Of(session), cancellationToken)
            : null; // unreadable right now: the timer decides
    }

    /// <summary>By the store, past every copy, for all connections of one session.</summary>
    /// <param name="isUsed">A client that sends messages is at work: its session does not idle out.</param>
    public async Task<SessionStanding> ReadAsync(SessionId id, bool isUsed, CancellationToken cancellationToken)
    {
        var read = await sessions.ReadAsync(id, cancellationToken);
        if (read.Status == StoreStatus.Unavailable)
            return SessionStanding.Unknown;
        if (read.Value is not { } stored)
            return SessionStanding.Ended;
        if (isUsed)
            await sessions.FindAsync(id, cancellationToken);
        // Keeps the tokens alive as requests do, and so learns whether the provider still knows the session.
        var fresh = await tokens.EnsureAsync(new Session(id, stored.Value, catalog.Value), cancellationToken);
        return fresh.Freshness == Freshness.Ended ? SessionStanding.Ended : new(true, fresh.Session ?? new Session(id, stored.Value, catalog.Value));
    }

    /// <returns>Why the connection must close; null where it may stay, or where that cannot be known right now.</returns>
    public async ValueTask<CloseReason?> DecideAsync(LiveConnection connection, Caller caller, CancellationToken cancellationToken)
    {
        if (policies(connection.RouteId) is not { } policy)
            return CloseReason.Restart; // no such route any more: who connects again learns what stands there now
        // By the id: under another slug it is still the organization that the connection was opened for.
        var org = policy.NeedsOrg ? await orgs.ResolveAsync(caller.Identity?.Organizations, connection.OrgId, cancellationToken) : OrgResolution.NotAsked;
        // The handshake was judged when it came; what can change is who the caller is and what they may do.
        var request = new AccessRequest(connection is OpenSocket, IsWebSocketMethod: true, org, Origin: null, HasCookie: false, Now: clock.GetUtcNow());
        var decided = decision.Decide(policy, caller, request);
        return decided.Permit is not null ? null : decided.Problem!.Status switch
        {
            StatusCodes.Status401Unauthorized => CloseReason.SessionEnded,
            StatusCodes.Status503ServiceUnavailable => null,
            _ => CloseReason.MembershipLost,
        };
    }
}

/// <summary>What the store says of a session.</summary>
/// <param name="IsKnown">False while the store cannot be read.</param>
/// <param name="Session">Null when it has ended.</param>
public readonly record struct SessionStanding(bool IsKnown, Session? Session)
{
    public static SessionStanding Unknown => default;
    public static readonly SessionStanding Ended = new(true, null);
}
