using System.Runtime.InteropServices;
using OrgGateway.Revocation;
using OrgGateway.Sessions;

namespace OrgGateway.Sockets;

public enum SocketRefusal
{
    None,
    SessionLimit,
    OrganizationLimit,
    Limit,
    ShuttingDown,
}

/// <summary>Every open socket and stream of this replica, found by whose they are. One lock: connections come and go, frames do not.</summary>
public sealed class LiveConnections
{
    private readonly Lock _gate = new();
    private readonly HashSet<LiveConnection> _all = [];
    private readonly Dictionary<SessionId, List<LiveConnection>> _bySession = [];
    private readonly Dictionary<string, int> _socketsByOrg = new(StringComparer.Ordinal);
    private readonly ILogger<LiveConnections> _logger;
    private int _sockets;
    private bool _draining;

    public LiveConnections(Revocations revocations, SocketOptions options, ILogger<LiveConnections> logger)
    {
        (_logger, Limits) = (logger, options);
        revocations.Subscribe(Revoke);
    }

    /// <summary>The limits in force; a reload replaces them.</summary>
    public SocketOptions Limits { get; set; }

    /// <summary>Set by a shutdown: no socket is opened any more.</summary>
    public bool IsDraining => Volatile.Read(ref _draining);

    public SocketRefusal TryAdd(LiveConnection connection)
    {
        lock (_gate)
        {
            if (connection is OpenSocket)
            {
                if (Refusal(connection) is var refusal and not SocketRefusal.None)
                    return refusal;
                _sockets++;
                if (connection.OrgId is { } org)
                    CollectionsMarshal.GetValueRefOrAddDefault(_socketsByOrg, org, out _)++;
            }
            _all.Add(connection);
            if (connection.SessionId is { } session)
                (CollectionsMarshal.GetValueRefOrAddDefault(_bySession, session, out _) ??= new(1)).Add(connection);
            return SocketRefusal.None;
        }
    }

    public void Remove(LiveConnection connection)
    {
        lock (_gate)
        {
            if (!_all.Remove(connection))
                return;
            if (connection.SessionId is { } session && _bySession.TryGetValue(session, out var siblings) && siblings.Remove(connection) && siblings.Count == 0)
                _bySession.Remove(session);
            if (connection is not OpenSocket)
                return;
            _sockets--;
            if (connection.OrgId is { } org && --CollectionsMarshal.GetValueRefOrAddDefault(_socketsByOrg, org, out _) == 0)
                _socketsByOrg.Remove(org);
        }
    }

    public LiveConnection[] Snapshot()
    {
        lock (_gate)
            return [.. _all];
    }

    /// <summary>Fills a list that its owner uses again and again.</summary>
    public void CopyTo(List<LiveConnection> list)
    {
        list.Clear();
        lock (_gate)
            list.AddRange(_all);
    }

    /// <summary>From here on no socket is opened.</summary>
    /// <returns>Those that are open.</returns>
    public LiveConnection[] Drain()
    {
        lock (_gate)
        {
            _draining = true;
            return [.. _all];
        }
    }

    private SocketRefusal Refusal(LiveConnection connection)
    {
        var limits = Limits;
        return _draining ? SocketRefusal.ShuttingDown
            : limits.Max > 0 && _sockets >= limits.Max ? SocketRefusal.Limit
            : limits.MaxPerOrganization > 0 && connection.OrgId is { } org && _socketsByOrg.GetValueOrDefault(org) >= limits.MaxPerOrganization ? SocketRefusal.OrganizationLimit
            : limits.MaxPerSession > 0 && connection.SessionId is { } session && _bySession.TryGetValue(session, out var siblings)
                && siblings.Count(c => c is OpenSocket) >= limits.MaxPerSession ? SocketRefusal.SessionLimit
            : SocketRefusal.None;
    }

    private void Revoke(Revocation.Revocation revocation)
    {
        var why = revocation.Scope is RevocationScope.Membership or RevocationScope.Organization ? CloseReason.MembershipLost : CloseReason.SessionEnded;
        var closed = 0;
        foreach (var connection in Candidates(revocation))
        {
            if (!connection.IsConcernedBy(revocation))
                continue;
            connection.Close(why);
            closed++;
        }
        if (closed > 0)
            _logger.ClosedForRevocation(closed, why.Code, revocation.Scope, revocation.Reason);
    }

    // Sessions end one by one and often; the other scopes are rare enough to look at everything.
    private LiveConnection[] Candidates(Revocation.Revocation revocation)
    {
        if (revocation.Scope != RevocationScope.Session)
            return Snapshot();
        if (revocation.Session is null || !SessionId.TryParse(revocation.Session, out var id))
            return [];
        lock (_gate)
            return _bySession.TryGetValue(id, out var connections) ? [.. connections] : [];
    }
}
