using OrgGateway.Oidc;
using OrgGateway.Sessions;
using OrgGateway.Storage;

namespace OrgGateway.Tokens;

/// <summary>
/// Keeps the access token of a session valid: refreshed a little before it expires, behind the requests; awaited only once it
/// has expired. One refresh at a time per session, in this process and across replicas.
/// </summary>
public sealed class UserTokens(
    SessionStore sessions, IdentityProviders providers, SessionRefresh refresh, Turns turns, ProviderPause pause, TimeProvider clock, SteadyClock steady, ILogger<UserTokens> logger)
{
    // How long an outcome that could not be written down is tried again: the store may be back before the session is asked for.
    private const int LaterAttempts = 12;
    private static readonly TimeSpan LongestLater = TimeSpan.FromSeconds(15);

    private readonly SingleFlight<SessionId, FreshSession> _flights = new();

    public ValueTask<FreshSession> EnsureAsync(Session session, CancellationToken cancellationToken) => EnsureAsync(session, null, cancellationToken);

    /// <param name="maxClaimAge">What the provider said of the person may be no older than this; null: as old as the access token.</param>
    public ValueTask<FreshSession> EnsureAsync(Session session, TimeSpan? maxClaimAge, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var record = session.Record;
        if (maxClaimAge is { } age && AgeOfClaims(record, now) >= age && AgeOfClaims(record, steady.GetUtcNow()) >= age)
            return new(RecheckAsync(session, age, cancellationToken));
        var due = record.AccessTokenExpires - Early(session);
        // Only who is about to do something asks whether the machine's clock was just set.
        if (now < due || (now = steady.GetUtcNow()) < due)
            return new(new FreshSession(Freshness.Fresh, session));
        var mayTry = (record.RetryRefreshAt is not { } retryAt || now >= retryAt) && pause.MayAsk(record.Provider);
        if (now < record.AccessTokenExpires)
        {
            // Still valid: nobody waits, and a failure costs nothing yet.
            if (mayTry && record.RefreshToken is not null)
                _ = RefreshOnceAsync(session);
            return new(new FreshSession(Freshness.Fresh, session));
        }
        return mayTry
            ? new(RefreshOnceAsync(session).WaitAsync(cancellationToken))
            : new(new FreshSession(Freshness.ProviderUnavailable, session, RetryAfter(record, now)));
    }

    /// <summary>Whoever presents a session's refresh token, for whatever purpose, holds this one.</summary>
    internal static StoreKey LeaseOf(Session session) => StoreKey.Of("refresh-lease", session.Record.Provider, session.Id.ToString());

    // Claims of an hour that is yet to come were read by a wrong clock: nobody knows how old they are.
    private static TimeSpan AgeOfClaims(SessionRecord record, DateTimeOffset now) => (now - (record.ClaimsRead ?? record.SignedIn)).Duration();

    // A refresh brings the claims of this moment; it is one for all requests and replicas, and counts for the whole period.
    private async Task<FreshSession> RecheckAsync(Session session, TimeSpan age, CancellationToken cancellationToken)
    {
        var asked = steady.GetUtcNow();
        var mayTry = (session.Record.RetryRefreshAt is not { } retryAt || asked >= retryAt) && pause.MayAsk(session.Record.Provider);
        var outcome = mayTry
            ? await RefreshOnceAsync(session).WaitAsync(cancellationToken)
            : new FreshSession(Freshness.ProviderUnavailable, session, RetryAfter(session.Record, asked));
        var now = steady.GetUtcNow();
        var isOld = outcome.Session is { } had && AgeOfClaims(had.Record, now) >= age + (now - asked);
        return outcome.Freshness == Freshness.Fresh && !isOld ? outcome
            : outcome.Freshness is Freshness.Fresh or Freshness.ProviderUnavailable
                ? new(Freshness.ProviderUnavailable, outcome.Session, outcome.RetryAfter ?? TimeSpan.FromSeconds(1), now < outcome.Session!.Record.AccessTokenExpires)
            : outcome;
    }

    private TimeSpan RetryAfter(SessionRecord record, DateTimeOffset now)
    {
        var (own, all) = (record.RetryRefreshAt - now ?? TimeSpan.Zero, pause.Left(record.Provider));
        return own > all ? own : all;
    }

    /// <summary>For whoever knows better than the token's own end: an upstream refused it, or the provider says that its claims changed.</summary>
    /// <returns>Also when nothing newer can be had: then the session with the token it had, or why not.</returns>
    public Task<FreshSession> RenewAsync(Session session, CancellationToken cancellationToken) =>
        RefreshOnceAsync(session).WaitAsync(cancellationToken);

    // In a method of its own: the closure of a method is made at its beginning, and warm requests need none.
    private Task<FreshSession> RefreshOnceAsync(Session session) => _flights.RunAsync(session.Id, () => RefreshAsync(session));

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
            if (await TakeTurnsAsync(session) is { } outcome)
                return outcome;
            // The provider has answered and the store does not: this process alone knows the answer.
            _ = WriteLaterAsync(session);
            return new(Freshness.StoreUnavailable, session);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // In the background nobody would see it.
            logger.TokenWorkFailed(exception);
            throw;
        }
    }

    /// <returns>Null when the outcome is known and could not be written down.</returns>
    private async Task<FreshSession?> TakeTurnsAsync(Session session)
    {
        var key = LeaseOf(session);
        var orphan = new OrphanWatch(clock);
        while (true)
        {
            if (await refresh.ConcludeAsync(session) is RefreshStep.Done(var concluded))
                return concluded;
            var (lease, answer) = await turns.TakeAsync(key);
            if (answer == StoreWrite.Unavailable)
                return new(Freshness.StoreUnavailable, session); // a rotated token could not be kept: better not rotate
            if (lease is null)
            {
                // Another replica was at it: its result is in the store.
                if (refresh.Judge(session, await sessions.ReadAsync(session.Id, CancellationToken.None)) is { } done)
                    return done;
                continue;
            }
            RefreshStep step;
            await using (lease)
                step = await refresh.RunAsync(session, orphan.GivenUp);
            switch (step)
            {
                case RefreshStep.Done(var outcome):
                    return outcome;
                case RefreshStep.Unwritten:
                    return null;
                case RefreshStep.Orphaned(var mark):
                    // Messages about other turns come in too: what counts is the time.
                    await turns.WaitAsync(key, orphan.Saw(mark));
                    break;
            }
        }
    }

    private async Task WriteLaterAsync(Session session)
    {
        var wait = TimeSpan.FromMilliseconds(100);
        for (var attempt = 0; attempt < LaterAttempts; attempt++)
        {
            await Task.Delay(wait, clock);
            if (await refresh.ConcludeAsync(session) is not (RefreshStep.Unwritten or RefreshStep.Done { Outcome.Freshness: Freshness.StoreUnavailable }))
                return;
            wait = wait * 2 < LongestLater ? wait * 2 : LongestLater;
        }
    }
}
