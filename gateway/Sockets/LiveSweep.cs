using OrgGateway.Access;
using OrgGateway.Revocation;
using OrgGateway.Sessions;

namespace OrgGateway.Sockets;

/// <summary>
/// The one timer of all sockets and streams: cuts those that do not answer a Close, ends those whose session is over, and asks
/// the store again now and then, so that a lost message cannot matter for long (T140, T141).
/// </summary>
public sealed class LiveSweep : BackgroundService
{
    private const int ReadsAtOnce = 16;
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);
    private readonly Dictionary<SessionId, long> _unreadSince = []; // timestamps
    private readonly List<LiveConnection> _open = [];
    private readonly LiveConnections _connections;
    private readonly LiveAccess _access;
    private readonly MachineAccess _machines;
    private readonly StreamWatch _streams;
    private readonly SocketOptions _options;
    private readonly TimeSpan _outageGrace;
    private readonly SteadyClock _clock;
    private readonly ILogger<LiveSweep> _logger;
    private Task _recheck = Task.CompletedTask;
    private volatile bool _wanted;

    public LiveSweep(
        LiveConnections connections, LiveAccess access, MachineAccess machines, StreamWatch streams, SocketOptions options, Sessions.SessionOptions sessions, Revocations revocations, SteadyClock clock, ILogger<LiveSweep> logger)
    {
        (_connections, _access, _machines, _streams, _options, _outageGrace, _clock, _logger) = (connections, access, machines, streams, options, sessions.OutageGrace, clock, logger);
        // The sessions of its members end with an organization; their sockets elsewhere are found by looking.
        revocations.Subscribe(revocation =>
        {
            if (revocation.Scope == RevocationScope.Organization)
                RecheckNow();
        });
    }

    /// <summary>For a change that may have taken access away, such as another configuration.</summary>
    public void RecheckNow() => _wanted = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, _clock);
        var checkedAt = _clock.GetTimestamp();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Sweep();
            if ((!_wanted && _clock.GetElapsedTime(checkedAt) < _options.RecheckEvery) || !_recheck.IsCompleted)
                continue;
            _wanted = false;
            checkedAt = _clock.GetTimestamp();
            _recheck = RecheckAsync([.. _open], stoppingToken);
        }
    }

    private void Sweep()
    {
        try
        {
            _connections.CopyTo(_open);
            _streams.Settle(_open);
            var now = _clock.GetUtcNow();
            foreach (var connection in _open)
                connection.Sweep(now);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _logger.RecheckFailed(exception); // a timer that has stopped would be the end of every promise here
        }
    }

    private async Task RecheckAsync(LiveConnection[] open, CancellationToken cancellationToken)
    {
        try
        {
            CloseSurplus(open);
            var bySession = open.Where(c => c.SessionId is not null).GroupBy(c => c.SessionId!.Value).ToArray();
            await Parallel.ForEachAsync(
                bySession, new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken },
                async (group, stop) => await RecheckAsync(group.Key, [.. group], stop));
            Forget([.. bySession.Select(g => g.Key)]);
            await Parallel.ForEachAsync(
                open.Where(c => c.SessionId is null && (c.Token is not null || c.KeyId is not null)), new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken },
                async (connection, stop) => Close(connection, Judge(connection, await _machines.CheckAsync(connection, stop))));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _logger.RecheckFailed(exception);
        }
    }

    private async Task RecheckAsync(SessionId id, LiveConnection[] siblings, CancellationToken cancellationToken)
    {
        var isUsed = false;
        foreach (var connection in siblings)
            isUsed |= connection is OpenSocket socket && socket.TakeHeard();
        var standing = await _access.ReadAsync(id, isUsed, cancellationToken);
        foreach (var connection in siblings)
            Close(connection, await JudgeAsync(id, standing, connection, cancellationToken));
    }

    private void Close(LiveConnection connection, CloseReason? why)
    {
        if (why is null)
            return;
        _logger.ClosedAtRecheck(connection.RouteId, why.Code, why.Text);
        connection.Close(why);
    }

    private async ValueTask<CloseReason?> JudgeAsync(SessionId id, SessionStanding standing, LiveConnection connection, CancellationToken cancellationToken)
    {
        if (standing.IsKnown)
        {
            lock (_unreadSince)
                _unreadSince.Remove(id);
            return standing.Session is { } session ? await _access.DecideAsync(connection, Caller.Of(session), cancellationToken) : CloseReason.SessionEnded;
        }
        // An outage signs nobody out, but what cannot be read for longer than requests would be served does not stay open either.
        lock (_unreadSince)
        {
            if (_unreadSince.TryGetValue(id, out var since))
                return _clock.GetElapsedTime(since) < _outageGrace ? null : CloseReason.Overload;
            _unreadSince[id] = _clock.GetTimestamp();
            return null;
        }
    }

    // As for sessions: requests with this credential would be refused by then.
    private CloseReason? Judge(LiveConnection connection, MachineStanding standing)
    {
        if (standing.IsKnown)
        {
            connection.UnknownSince = null;
            return standing.Why;
        }
        var since = connection.UnknownSince ??= _clock.GetTimestamp();
        return _clock.GetElapsedTime(since) < _outageGrace ? null : CloseReason.Overload;
    }

    private void Forget(HashSet<SessionId> open)
    {
        lock (_unreadSince)
            foreach (var id in _unreadSince.Keys.Where(id => !open.Contains(id)).ToArray())
                _unreadSince.Remove(id);
    }

    // A reload may have lowered a limit below what is open; those that came last go.
    private void CloseSurplus(LiveConnection[] open)
    {
        var limits = _connections.Limits;
        if (limits is { Max: 0, MaxPerOrganization: 0, MaxPerSession: 0 })
            return;
        var (all, byOrg, bySession) = (0, new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<SessionId, int>());
        foreach (var socket in open.OfType<OpenSocket>().OrderBy(s => s.Number))
        {
            var surplus = IsOver(limits.Max, ++all)
                | (socket.OrgId is { } org && IsOver(limits.MaxPerOrganization, byOrg[org] = byOrg.GetValueOrDefault(org) + 1))
                | (socket.SessionId is { } id && IsOver(limits.MaxPerSession, bySession[id] = bySession.GetValueOrDefault(id) + 1));
            if (surplus)
                socket.Close(CloseReason.Overload);
        }
    }

    private static bool IsOver(int limit, int count) => limit > 0 && count > limit;
}
