using OrgGateway.Configuration;
using OrgGateway.Identities;
using OrgGateway.Orgs;
using OrgGateway.Revocation;
using OrgGateway.Sealing;
using OrgGateway.Storage;

namespace OrgGateway.ApiKeys;

/// <summary>API keys as requests meet them: found by hash, read from this process's copy, ended everywhere at once.</summary>
public sealed class ApiKeyStore
{
    private static readonly TimeSpan NoteUseEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan UnheardCopyFor = TimeSpan.FromSeconds(2);
    private readonly ApiKeyRecords _records;
    private readonly BoundedCopies<Sha256Hash, ApiKeyCopy> _copies;
    private readonly EndedKeys _ended = new();
    private readonly ApiKeyOptions _options;
    private readonly Site _site;
    private readonly CurrentCatalog _catalog;
    private readonly TimeProvider _clock;
    private long _heard;

    public ApiKeyStore(
        ApiKeyRecords records, ApiKeyOptions options, Site site, CurrentCatalog catalog, Revocations revocations, TimeProvider clock)
    {
        (_records, _options, _site, _catalog, _clock) = (records, options, site, catalog, clock);
        _copies = new(options.CopyLimit);
        Format = new(options.Prefix);
        revocations.Subscribe(Hear);
    }

    public ApiKeyFormat Format { get; }

    /// <summary>Warm: one hash and one look-up in this process.</summary>
    public ValueTask<ApiKeyRead> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (!Format.IsWellFormed(key))
            return new(default(ApiKeyRead));
        var hash = Sha256Hash.Of(key);
        var now = _clock.GetUtcNow();
        return _copies.Find(hash) is { IsDropped: false } copy && IsRecent(copy, now) && copy.Catalog == _catalog.Value
            ? new(Judge(copy, now))
            : LoadAsync(hash, now, cancellationToken);
    }

    // While messages may be missed a copy counts for a moment only: a revocation that nobody heard of is then found by reading.
    private bool IsRecent(ApiKeyCopy copy, DateTimeOffset now)
    {
        var age = (now - copy.ReadAt).Duration(); // as with sessions, also where the clock was set back
        return age < _options.CopyFor && (copy.ReadAt.UtcTicks >= _records.ListeningSince || age < UnheardCopyFor);
    }

    private async ValueTask<ApiKeyRead> LoadAsync(Sha256Hash hash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var known = _copies.Find(hash);
        var heard = Volatile.Read(ref _heard);
        var read = await _records.ReadAsync(hash, cancellationToken);
        if (read.Status == StoreStatus.Unavailable)
            // An outage takes nobody's access away: what this process knew a moment ago still holds, for a while.
            return known is { IsDropped: false } && (now - known.ReadAt).Duration() < _options.CopyFor + _options.OutageGrace ? Judge(known, now) : new(ApiKeyStatus.Unavailable);
        if (read.Value?.Value is not { } record)
        {
            _copies.Remove(hash);
            return default;
        }
        var catalog = _catalog.Value;
        var copy = new ApiKeyCopy(record, IdentityOf(record, catalog), catalog, now);
        if (known is not null)
            copy.KeepNoteOf(known);
        _copies.Put(hash, copy);
        // Looked at after the copy is visible: what was heard before is seen here, and what comes later finds the copy.
        if (Volatile.Read(ref _heard) != heard)
            _copies.Remove(hash);
        return _ended.Contains(record) ? default : Judge(copy, now);
    }

    private ApiKeyRead Judge(ApiKeyCopy copy, DateTimeOffset now)
    {
        var record = copy.Record;
        if (record.Disabled)
            return new(ApiKeyStatus.Disabled, record);
        if (record.Expires <= now)
            return new(ApiKeyStatus.Expired, record);
        if (copy.NotesUse(now, NoteUseEvery))
            _ = _records.NoteUseAsync(record, now); // nobody waits for it, and a note lost in an outage is made again
        return new(ApiKeyStatus.Valid, record, copy.Identity);
    }

    private Identity IdentityOf(ApiKeyRecord record, OrganizationCatalog catalog)
    {
        // The gateway itself vouches for the key's one organization, whichever provider its people come from.
        var provider = catalog.Find(record.OrgId)?.IdentityProvider ?? catalog.DefaultProvider;
        return new()
        {
            Kind = IdentityKind.Service,
            Issuer = _site.Origin,
            Subject = record.Id,
            KeyId = record.Id,
            OwnerIssuer = record.OwnerIssuer,
            OwnerSubject = record.OwnerSubject,
            Name = record.Name,
            Allowances = [.. AllowancesOf(record)],
            Organizations = SubjectOrganizations.Resolve(provider, [new Membership(record.OrgId, record.OrgSlug, null, record.Roles, record.Permissions)], catalog),
        };
    }

    private static IEnumerable<Allowance> AllowancesOf(ApiKeyRecord record)
    {
        if (record.RateLimit is { } rate)
            yield return new(rate.Limit, rate.Window, IsBudget: false);
        if (record.Budget is { } budget)
            yield return new(budget.Limit, budget.Window, IsBudget: true);
    }

    private void Hear(Revocation.Revocation revocation)
    {
        if (revocation.Scope is RevocationScope.Session or RevocationScope.ProviderSession)
            return;
        if (revocation is not { Scope: RevocationScope.ApiKey, Reason: ApiKeyOperations.DisabledReason })
            _ended.Add(revocation, _clock.GetUtcNow());
        Interlocked.Increment(ref _heard);
        _copies.RemoveWhere(copy =>
        {
            if (!EndedKeys.Concerns(revocation, copy.Record))
                return false;
            copy.Drop();
            return true;
        });
    }
}
