using System.Security.Cryptography;
using OrgGateway.Audit;
using OrgGateway.Orgs;
using OrgGateway.Revocation;
using OrgGateway.Storage;

namespace OrgGateway.ApiKeys;

/// <summary>What operators do with keys, whatever they do it through: command line or admin API.</summary>
public sealed class ApiKeyOperations(ApiKeyRecords records, ApiKeyOptions options, CurrentCatalog catalog, Revocations revocations, AuditTrail audit, TimeProvider clock)
{
    internal const string DisabledReason = "disabled";
    private const string RevokedReason = "api_key_revoked";
    private static readonly TimeSpan Latest = TimeSpan.FromDays(366 * 50);
    private const int LongestText = 256;
    private readonly ApiKeyFormat _format = new(options.Prefix);

    /// <summary>What a key is to be, judged before it is made.</summary>
    /// <returns>What is wrong, in words for the operator; empty when nothing is.</returns>
    public IReadOnlyList<string> Faults(NewApiKey wanted)
    {
        var faults = new List<string>();
        if (catalog.Value.Find(wanted.Org) is null && !OrgSegment.IsValid(wanted.Org))
            faults.Add($"'{wanted.Org}' cannot be an organization's slug or id");
        if (wanted.Expires <= clock.GetUtcNow())
            faults.Add("the expiry is past");
        if (wanted.Expires > clock.GetUtcNow() + Latest)
            faults.Add("the expiry is more than 50 years off; without one a key lives until it is revoked");
        if (wanted.Roles.Concat(wanted.Permissions).Concat(wanted.Meta.Keys).Concat(wanted.Meta.Values).Append(wanted.Name ?? "").Any(text => text.Length > LongestText))
            faults.Add($"names, roles, permissions and notes have at most {LongestText} characters");
        if (wanted.Roles.Count + wanted.Permissions.Count > 100 || wanted.Meta.Count > 50)
            faults.Add("at most 100 roles and permissions, and 50 notes");
        foreach (var allowance in new[] { wanted.RateLimit, wanted.Budget })
            if (allowance is not null && (allowance.Limit < 1 || allowance.Window < TimeSpan.FromSeconds(1) || allowance.Window > TimeSpan.FromDays(366)))
                faults.Add("a limit is at least 1, in a window of 1 second to 366 days");
        return faults;
    }

    /// <returns>The record and the key, which is shown this once and stored nowhere; null when the store is unavailable.</returns>
    public async Task<(ApiKeyRecord Record, string Key)?> CreateAsync(NewApiKey wanted, CancellationToken cancellationToken)
    {
        var organization = catalog.Value.Find(wanted.Org);
        var record = new ApiKeyRecord
        {
            Id = "key_" + RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 16),
            OrgId = organization?.Id ?? wanted.Org,
            OrgSlug = organization?.Slug,
            Name = wanted.Name,
            Roles = wanted.Roles,
            Permissions = wanted.Permissions,
            Created = clock.GetUtcNow(),
            Expires = wanted.Expires,
            OwnerIssuer = wanted.OwnerIssuer,
            OwnerSubject = wanted.OwnerSubject,
            Meta = wanted.Meta,
            RateLimit = wanted.RateLimit,
            Budget = wanted.Budget,
        };
        var key = _format.New();
        if (await records.CreateAsync(Sha256Hash.Of(key), record, cancellationToken) != StoreWrite.Done)
            return null;
        audit.Record(new(AuditNames.ApiKeyCreated) { KeyId = record.Id, OrgId = record.OrgId });
        return (record, key);
    }

    /// <param name="org">Slug or id; null for all.</param>
    /// <returns>Null when the store is unavailable.</returns>
    public async Task<IReadOnlyList<(ApiKeyRecord Record, DateTimeOffset? LastUsed)>?> ListAsync(string? org, CancellationToken cancellationToken)
    {
        if (await records.ListAsync(org is null ? null : catalog.Value.Find(org)?.Id ?? org, cancellationToken) is not { } found)
            return null;
        var listed = new List<(ApiKeyRecord, DateTimeOffset?)>();
        foreach (var (_, record) in found)
            listed.Add((record, await records.LastUseAsync(record.Id, cancellationToken)));
        return listed;
    }

    public async Task<(StoreStatus Status, (ApiKeyRecord Record, DateTimeOffset? LastUsed)? Found)> ReadAsync(string id, CancellationToken cancellationToken)
    {
        var (status, _, record) = await FindAsync(id, cancellationToken);
        return record is null
            ? (status == StoreWrite.Unavailable ? StoreStatus.Unavailable : StoreStatus.Missing, null)
            : (StoreStatus.Found, (record.Value, await records.LastUseAsync(id, cancellationToken)));
    }

    /// <summary>Ends a key on every replica: its record first, so that whoever reads it again finds nothing, then by message.</summary>
    /// <returns><c>Refused</c> where there is no such key.</returns>
    public async Task<StoreWrite> RevokeAsync(string id, CancellationToken cancellationToken)
    {
        var (status, hash, record) = await FindAsync(id, cancellationToken);
        if (record is null)
            return status;
        // Once begun it is carried through.
        if (await records.RemoveAsync(hash, record.Value, CancellationToken.None) == StoreWrite.Unavailable)
            return StoreWrite.Unavailable;
        audit.Record(new(AuditNames.Revoked) { Reason = RevokedReason, KeyId = id, OrgId = record.Value.OrgId });
        return await revocations.PublishAsync(new(RevocationScope.ApiKey, RevokedReason, KeyId: id));
    }

    /// <summary>A disabled key is refused and can be enabled again; enabling is known to all replicas after <c>ApiKeys:CopyFor</c>.</summary>
    public async Task<StoreWrite> SetDisabledAsync(string id, bool disabled, CancellationToken cancellationToken)
    {
        var (status, hash, record) = await FindAsync(id, cancellationToken);
        if (record is null)
            return status;
        var written = await records.ReplaceAsync(hash, record, record.Value with { Disabled = disabled }, CancellationToken.None);
        if (written != StoreWrite.Done || !disabled)
            return written;
        audit.Record(new(AuditNames.Revoked) { Reason = DisabledReason, KeyId = id, OrgId = record.Value.OrgId });
        return await revocations.PublishAsync(new(RevocationScope.ApiKey, DisabledReason, KeyId: id));
    }

    private async Task<(StoreWrite Status, Sha256Hash Hash, Versioned<ApiKeyRecord>? Record)> FindAsync(string id, CancellationToken cancellationToken)
    {
        var place = await records.PlaceOfAsync(id, cancellationToken);
        if (place.Value is null || Sha256Hash.TryParse(place.Value.Hash) is not { } hash)
            return (place.Status == StoreStatus.Unavailable ? StoreWrite.Unavailable : StoreWrite.Refused, default, null);
        var read = await records.ReadAsync(hash, cancellationToken);
        return (read.Status == StoreStatus.Unavailable ? StoreWrite.Unavailable : StoreWrite.Refused, hash, read.Value);
    }
}
