using OrgGateway.Audit;
using OrgGateway.Orgs;
using OrgGateway.Revocation;
using OrgGateway.Storage;

namespace OrgGateway.Sessions;

/// <param name="Sessions">How many sessions it ended, or took the membership from.</param>
/// <param name="Complete">False when the store did not answer: it holds in this process and is carried through when the store is back.</param>
public readonly record struct RevocationOutcome(int Sessions, bool Complete);

/// <summary>
/// The one path behind every inlet (logout anywhere, operators, back- and front-channel logout, Shared Signals, SCIM): ends the
/// records, tells every replica and whoever holds sockets, grants or keys, and leaves an audit event.
/// </summary>
/// <remarks>
/// <see cref="RevocationScope.Membership"/> ends no session: the organization goes from the records at once, and comes back only
/// when the provider says so again. <see cref="RevocationScope.Organization"/> ends the sessions of all its members.
/// </remarks>
public sealed class SessionRevocation
{
    private const int Page = 500;
    private static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = 32 };
    private readonly SessionStore _sessions;
    private readonly SessionDirectory _directory;
    private readonly SessionAmendment _amendment;
    private readonly Revocations _revocations;
    private readonly UnfinishedRevocations _unfinished;
    private readonly CurrentCatalog _catalog;
    private readonly AuditTrail _audit;
    private readonly ILogger<SessionRevocation> _logger;

    public SessionRevocation(
        SessionStore sessions, SessionDirectory directory, SessionAmendment amendment, Revocations revocations, UnfinishedRevocations unfinished, CurrentCatalog catalog, AuditTrail audit, ILogger<SessionRevocation> logger)
    {
        (_sessions, _directory, _amendment, _revocations, _unfinished, _catalog, _audit, _logger) = (sessions, directory, amendment, revocations, unfinished, catalog, audit, logger);
        unfinished.RevokeAsync = async revocation => await CarryThroughAsync(revocation) is not null && await TellAsync(revocation);
    }

    /// <summary>Once begun it is carried through, whoever asked and went away.</summary>
    /// <param name="revocation">Of any scope but <see cref="RevocationScope.ApiKey"/>, which is no session's.</param>
    public async Task<RevocationOutcome> RevokeAsync(Revocation.Revocation revocation)
    {
        if (revocation.Scope == RevocationScope.Session)
        {
            if (revocation.Session is null || !SessionId.TryParse(revocation.Session, out var id))
                return new(0, Complete: true);
            var ended = await _sessions.EndAsync(id, revocation.Reason);
            return Noted(revocation, new(ended == true ? 1 : 0, ended is not null));
        }
        var count = await CarryThroughAsync(revocation);
        if (count is null)
            Hold(revocation);
        // After the records: who is told looks for what is left, and finds nothing.
        var isTold = await TellAsync(revocation);
        if (!isTold)
            Hold(revocation);
        return Noted(revocation, new(count ?? 0, Complete: isTold && count is not null));
    }

    private void Hold(Revocation.Revocation revocation)
    {
        _unfinished.Remember(revocation);
        _sessions.ApplyUnfinished();
    }

    /// <returns>How many sessions it met; null when the store did not answer for all of them.</returns>
    private Task<int?> CarryThroughAsync(Revocation.Revocation revocation) => revocation switch
    {
        { Scope: RevocationScope.ProviderSession, Issuer: { } issuer, ProviderSession: { } sid } => EndAllAsync(SessionDirectory.OfProviderSession(issuer, sid), revocation),
        { Scope: RevocationScope.Subject, Issuer: { } issuer, Subject: { } subject } => EndAllAsync(SessionDirectory.OfSubject(issuer, subject), revocation),
        { Scope: RevocationScope.Organization, OrgId: { } org } => EndAllAsync(SessionDirectory.OfOrganization(org), revocation),
        { Scope: RevocationScope.Membership, Issuer: { } issuer, Subject: { } subject, OrgId: { } org } => _amendment.ApplyAsync(SessionDirectory.OfSubject(issuer, subject), record => record.Without(org, _catalog.Value)),
        { Scope: RevocationScope.ApiKey } => Task.FromResult<int?>(0),
        _ => throw new ArgumentException($"a field of {revocation.Scope} is missing", nameof(revocation)),
    };

    private async Task<int?> EndAllAsync(StoreKey index, Revocation.Revocation revocation)
    {
        var ended = 0;
        while (true)
        {
            // What is ended goes from the index, so that the first page is always the next one.
            var page = await _directory.ReadAsync(index, 0, Page, CancellationToken.None);
            if (page.Status == StoreStatus.Unavailable)
                return null;
            if (page.Value is not { Length: > 0 } entries)
                return ended;
            var (gone, failed) = (0, 0);
            await Parallel.ForEachAsync(entries, AtOnce, async (entry, _) =>
            {
                if (await IsMeantAsync(entry.Id, revocation) is not { } isMeant || (isMeant && await _sessions.TakeAsync(entry.Id, revocation.Reason) is null))
                    Interlocked.Increment(ref failed);
                else if (await _directory.RemoveAsync(index, entry.Id) == StoreWrite.Unavailable)
                    Interlocked.Increment(ref failed);
                else if (isMeant)
                    Interlocked.Increment(ref gone);
            });
            if (failed > 0)
                return null;
            ended += gone;
        }
    }

    // Organizations come and go during a session: what the record says counts, not what the index remembers.
    private async ValueTask<bool?> IsMeantAsync(SessionId id, Revocation.Revocation revocation)
    {
        if (revocation.Scope != RevocationScope.Organization)
            return true;
        var read = await _sessions.ReadAsync(id, CancellationToken.None);
        return read.Status == StoreStatus.Unavailable ? null : read.Value is { } stored && _unfinished.Concerns(revocation, stored.Value);
    }

    private async Task<bool> TellAsync(Revocation.Revocation revocation) => await _revocations.PublishAsync(revocation) != StoreWrite.Unavailable;

    private RevocationOutcome Noted(Revocation.Revocation revocation, RevocationOutcome outcome)
    {
        _logger.Revoked(revocation.Scope, revocation.Reason, outcome.Sessions);
        SessionMetrics.Revocations.Add(1, new("scope", revocation.Scope.ToString()), new("reason", revocation.Reason));
        _audit.Record(new(AuditNames.Revoked) { Reason = revocation.Reason, Issuer = revocation.Issuer, Subject = revocation.Subject, OrgId = revocation.OrgId, KeyId = revocation.KeyId });
        return outcome;
    }
}
