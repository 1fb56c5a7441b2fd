using System.Collections.Concurrent;
using OrgGateway.Revocation;

namespace OrgGateway.ApiKeys;

/// <summary>Revocations of the last minute: a record read while one was under way may be older than it, and must not serve on.</summary>
internal sealed class EndedKeys
{
    private static readonly TimeSpan Remember = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(RevocationScope, string?, string?, string?), DateTimeOffset> _ended = new();
    private long _sweepAt;

    public void Add(Revocation.Revocation revocation, DateTimeOffset now)
    {
        _ended[NameOf(revocation)] = now;
        var sweepAt = Volatile.Read(ref _sweepAt);
        if (now.UtcTicks < sweepAt || Interlocked.CompareExchange(ref _sweepAt, (now + Remember).UtcTicks, sweepAt) != sweepAt)
            return;
        foreach (var (name, at) in _ended)
            if (at < now - Remember)
                _ended.TryRemove(name, out _);
    }

    public bool Contains(ApiKeyRecord record) =>
        _ended.ContainsKey((RevocationScope.ApiKey, record.Id, null, null))
        || IsEnded((RevocationScope.Organization, record.OrgId, null, null), record)
        || (record.OwnerSubject is not null
            && (IsEnded((RevocationScope.Subject, OwnerIssuer(record), record.OwnerSubject, null), record)
                || IsEnded((RevocationScope.Membership, OwnerIssuer(record), record.OwnerSubject, record.OrgId), record)));

    public static bool Concerns(Revocation.Revocation revocation, ApiKeyRecord record) => revocation.Scope switch
    {
        RevocationScope.ApiKey => revocation.KeyId == record.Id,
        RevocationScope.Organization => revocation.OrgId == record.OrgId,
        RevocationScope.Subject => record.OwnerSubject is not null && (IssuerOf(revocation), revocation.Subject) == (OwnerIssuer(record), record.OwnerSubject),
        RevocationScope.Membership => record.OwnerSubject is not null
            && (IssuerOf(revocation), revocation.Subject, revocation.OrgId) == (OwnerIssuer(record), record.OwnerSubject, record.OrgId),
        _ => false,
    };

    // A key that was made after the revocation of its owner or organization is a new grant.
    private bool IsEnded((RevocationScope, string?, string?, string?) name, ApiKeyRecord record) => _ended.TryGetValue(name, out var at) && record.Created <= at;

    private static (RevocationScope, string?, string?, string?) NameOf(Revocation.Revocation revocation) => revocation.Scope switch
    {
        RevocationScope.ApiKey => (revocation.Scope, revocation.KeyId, null, null),
        RevocationScope.Organization => (revocation.Scope, revocation.OrgId, null, null),
        RevocationScope.Subject => (revocation.Scope, IssuerOf(revocation), revocation.Subject, null),
        _ => (revocation.Scope, IssuerOf(revocation), revocation.Subject, revocation.OrgId),
    };

    private static string IssuerOf(Revocation.Revocation revocation) => Revocation.Revocation.IssuerKey(revocation.Issuer);

    private static string OwnerIssuer(ApiKeyRecord record) => Revocation.Revocation.IssuerKey(record.OwnerIssuer);
}
