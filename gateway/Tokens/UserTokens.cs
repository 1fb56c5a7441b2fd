using System.Collections.Concurrent;
using OrgGateway.Oidc;
using OrgGateway.Sessions;
using OrgGateway.Storage;

namespace OrgGateway.Tokens;

/// <summary>
/// Keeps the access token of a session valid: refreshed a little before it expires, behind the requests; awaited only once it
/// has expired. One refresh at a time per session, in this process and across replicas.
/// </summary>
public sealed class UserTokens(SessionStore sessions, IStore store, IdentityProviders providers, SessionRefresh refresh, TimeProvider clock, ILogger<UserTokens> logger)
{
    private static readonly TimeSpan BackOff = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WaitForOther = TimeSpan.FromMilliseconds(100);
    private readonly SingleFlight<SessionId, FreshSession> _flights = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _quietUntil = new(StringComparer.Ordinal);

    public ValueTask<FreshSession> EnsureAsync(Session session, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var record = session.Record;
        if (now < record.AccessTokenExpires - Early(session))
            return new(new FreshSession(Freshness.Fresh, session));
        var mayTry = !_quietUntil.TryGetValue(record.Provider, out var until) || now >= until;
        if (now < record.AccessTokenExpires)
        {
            // Still valid: nobody waits, and a failure costs nothing yet.
            if (mayTry && record.RefreshToken is not null)
                _ = _flights.RunAsync(session.Id, () => RefreshAsync(session));
            return new(new FreshSession(Freshness.Fresh, session));
        }
        return mayTry
            ? new(_flights.RunAsync(session.Id, () => RefreshAsync(session)).WaitAsync(cancellationToken))
            : new(new FreshSession(Freshness.ProviderUnavailable, session));
    }

    /// <summary>For whoever knows better than the token's own end: an upstream refused it.</summary>
    /// <returns>Also when nothing newer can be had: then the session with the token it had, or why not.</returns>
    public Task<FreshSession> RenewAsync(Session session, CancellationToken cancellationToken) =>
        _flights.RunAsync(session.Id, () => RefreshAsync(session)).WaitAsync(cancellationToken);

    // Replicas and sessions must not all come at once, so each session has its own share of the margin (O59); a token of short
    // life is not refreshed for most of it.
    private TimeSpan Early(Session session)
    {
        var record = session.Record;
        var life = record.AccessTokenExpires - (record.TokensRenewed ?? record.SignedIn);
        var margin = providers.Find(record.Provider)?.Options.RefreshBefore ?? TimeSpan.Zero;
        if (life > TimeSpan.Zero && margin > life / 5)
            margin = life / 5;
        return margin - (margin * ((uint)session.Id.GetHashCode() % 256 / 1024.0));
    }

    private async Task<FreshSession> RefreshAsync(Session session)
    {
        try
        {
            while (true)
            {
                var (lease, answer) = await HeldLease.TakeAsync(store, StoreKey.Of("refresh-lease", session.Record.Provider, session.Id.ToString()), clock);
                if (answer == StoreWrite.Unavailable)
                    return new(Freshness.StoreUnavailable, session); // a rotated token could not be kept: better not rotate
                if (lease is not null)
                {
                    await using (lease)
                        return Noted(await refresh.RunAsync(session));
                }
                // Another replica is at it: its result is in the store when it is done.
                await Task.Delay(WaitForOther, clock);
                var read = await sessions.ReadAsync(session.Id, CancellationToken.None);
                if (read.Status == StoreStatus.Unavailable)
                    return new(Freshness.StoreUnavailable, session);
                if (read.Value is null)
                    return new(Freshness.Ended, null);
                if (read.Value.Value.AccessTokenExpires > clock.GetUtcNow() && read.Value.Value.AccessToken != session.Record.AccessToken)
                    return new(Freshness.Fresh, new Session(session.Id, read.Value.Value, session.Catalog));
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // In the background nobody would see it.
            logger.TokenWorkFailed(exception);
            throw;
        }
    }

    private FreshSession Noted(FreshSession outcome)
    {
        if (outcome is { Freshness: Freshness.ProviderUnavailable, Session: { } session })
            _quietUntil[session.Record.Provider] = clock.GetUtcNow() + BackOff;
        return outcome;
    }
}
