using System.Collections.Concurrent;
using OrgGateway.Orgs;
using OrgGateway.Revocation;

namespace OrgGateway.Sessions;

/// <summary>
/// Ends and revocations that the store has not taken yet. They hold in this process at once, whatever the store still has, and are
/// tried again until they are carried through.
/// </summary>
public sealed class UnfinishedRevocations(CurrentCatalog catalog, TimeProvider clock, ILogger<UnfinishedRevocations> logger)
{
    private static readonly TimeSpan TryEvery = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<SessionId, string> _sessions = new();
    private readonly ConcurrentDictionary<Revocation.Revocation, byte> _groups = new();
    private int _trying;

    /// <summary>Ends one session again; false while the store does not take it.</summary>
    internal Func<SessionId, string, Task<bool>>? EndAsync { get; set; }

    /// <summary>Carries a revocation of more than one session through; false while the store does not take it.</summary>
    internal Func<Revocation.Revocation, Task<bool>>? RevokeAsync { get; set; }

    public bool Any => !_sessions.IsEmpty || !_groups.IsEmpty;

    internal void Remember(SessionId id, string reason)
    {
        if (_sessions.TryAdd(id, reason))
            logger.RevocationWaits(reason);
        Begin();
    }

    internal void Remember(Revocation.Revocation revocation)
    {
        if (_groups.TryAdd(revocation, 0))
            logger.RevocationWaits(revocation.Reason);
        Begin();
    }

    /// <summary>What is left of a record after the revocations that wait; null when it has ended.</summary>
    internal SessionRecord? Apply(SessionId id, SessionRecord record)
    {
        if (_sessions.ContainsKey(id))
            return null;
        foreach (var (revocation, _) in _groups)
        {
            if (!Concerns(revocation, record))
                continue;
            if (revocation.Scope != RevocationScope.Membership)
                return null;
            record = record.Without(revocation.OrgId!, catalog.Value);
        }
        return record;
    }

    internal bool Concerns(Revocation.Revocation revocation, SessionRecord record) => revocation.Scope switch
    {
        RevocationScope.ProviderSession => record.Issuer == revocation.Issuer && record.ProviderSession == revocation.ProviderSession,
        RevocationScope.Subject or RevocationScope.Membership => record.Issuer == revocation.Issuer && record.Subject == revocation.Subject,
        RevocationScope.Organization => new Session(default, record, catalog.Value).Organizations.All.Any(o => o.Id == revocation.OrgId),
        _ => false,
    };

    private void Begin()
    {
        if (Interlocked.Exchange(ref _trying, 1) == 0)
            _ = TryUntilDoneAsync();
    }

    private async Task TryUntilDoneAsync()
    {
        var done = 0;
        while (Any)
        {
            await Task.Delay(TryEvery, clock);
            foreach (var (id, reason) in _sessions)
            {
                // The first that is not taken speaks for the others: an outage is not made worse by thousands of tries.
                if (!await TryAsync(() => EndAsync?.Invoke(id, reason)))
                    break;
                _sessions.TryRemove(new(id, reason));
                done++;
            }
            foreach (var (revocation, _) in _groups)
            {
                if (!await TryAsync(() => RevokeAsync?.Invoke(revocation)))
                    break;
                _groups.TryRemove(revocation, out byte _);
                done++;
            }
        }
        Volatile.Write(ref _trying, 0);
        logger.RevocationsCarriedThrough(done);
        if (Any)
            Begin();
    }

    private static async Task<bool> TryAsync(Func<Task<bool>?> attempt)
    {
        try
        {
            return attempt() is { } task && await task;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return false; // whatever it was, the revocation stands and is tried again
        }
    }
}
