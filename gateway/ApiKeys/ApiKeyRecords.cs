using OrgGateway.Revocation;
using OrgGateway.Sealing;
using OrgGateway.Storage;

namespace OrgGateway.ApiKeys;

/// <summary>Where keys stand in the store: the record under the key's hash, and indexes by id, organization and owner.</summary>
public sealed class ApiKeyRecords(IStore store, KeyRing ring)
{
    /// <summary>Most keys that one listing or revocation looks at.</summary>
    public const int MostListed = 10_000;

    // Records have an end in every store; a key without one has this.
    private static readonly TimeSpan Endless = TimeSpan.FromDays(365 * 50);
    private static readonly TimeSpan KeepUse = TimeSpan.FromDays(400);
    private readonly Sealed<ApiKeyRecord> _records = new(store, ring, ApiKeyJson.Default.ApiKeyRecord, "api-key");
    private readonly Sealed<ApiKeyPlace> _places = new(store, ring, ApiKeyJson.Default.ApiKeyPlace, "api-key-place");
    private readonly Sealed<ApiKeyUse> _uses = new(store, ring, ApiKeyJson.Default.ApiKeyUse, "api-key-use");
    private readonly StoreKey _all = StoreKey.Of("api-keys");

    /// <summary>As <see cref="IStore.ListeningSince"/>.</summary>
    public long ListeningSince => store.ListeningSince;

    public ValueTask<StoreRead<Versioned<ApiKeyRecord>>> ReadAsync(Sha256Hash hash, CancellationToken cancellationToken) => _records.ReadAsync(KeyOf(hash), cancellationToken);

    public async ValueTask<StoreWrite> CreateAsync(Sha256Hash hash, ApiKeyRecord record, CancellationToken cancellationToken)
    {
        // An expired key is told apart from an unknown one for a while.
        var ends = (record.Expires ?? record.Created + Endless) + TimeSpan.FromDays(30);
        // The record last: what is in an index and has no record is nothing, but a key that is in no index could not be revoked.
        foreach (var index in IndexesOf(record))
            if (await store.AddToIndexAsync(index, hash.ToString(), ends, cancellationToken) == StoreWrite.Unavailable)
                return StoreWrite.Unavailable;
        if (await _places.PutAsync(_places.Key(record.Id), new(hash.ToString()), ends, cancellationToken) == StoreWrite.Unavailable)
            return StoreWrite.Unavailable;
        return await _records.CreateAsync(KeyOf(hash), record, ends, cancellationToken);
    }

    public ValueTask<StoreWrite> ReplaceAsync(Sha256Hash hash, Versioned<ApiKeyRecord> was, ApiKeyRecord record, CancellationToken cancellationToken) =>
        _records.ReplaceAsync(KeyOf(hash), was.Version, record, (record.Expires ?? record.Created + Endless) + TimeSpan.FromDays(30), cancellationToken);

    public async ValueTask<StoreWrite> RemoveAsync(Sha256Hash hash, ApiKeyRecord record, CancellationToken cancellationToken)
    {
        var removed = await store.RemoveAsync(KeyOf(hash), cancellationToken);
        if (removed == StoreWrite.Unavailable)
            return removed;
        await store.RemoveAsync(_places.Key(record.Id), cancellationToken);
        await store.RemoveAsync(_uses.Key(record.Id), cancellationToken);
        foreach (var index in IndexesOf(record))
            await store.RemoveFromIndexAsync(index, hash.ToString(), cancellationToken);
        return removed;
    }

    /// <returns>Missing where no key has the id.</returns>
    public async ValueTask<StoreRead<ApiKeyPlace>> PlaceOfAsync(string id, CancellationToken cancellationToken)
    {
        var read = await _places.ReadAsync(_places.Key(id), cancellationToken);
        return new(read.Status, read.Value?.Value);
    }

    /// <param name="orgId">Null for all organizations.</param>
    /// <returns>Null when the store is unavailable.</returns>
    public async Task<IReadOnlyList<(Sha256Hash Hash, ApiKeyRecord Record)>?> ListAsync(string? orgId, CancellationToken cancellationToken) =>
        await ReadAllAsync(orgId is null ? _all : StoreKey.Of("api-keys-of-org", orgId), cancellationToken);

    /// <summary>The keys that a revocation may be about.</summary>
    /// <returns>Null when the store is unavailable.</returns>
    public async Task<IReadOnlyList<(Sha256Hash Hash, ApiKeyRecord Record)>?> ConcernedAsync(Revocation.Revocation revocation, CancellationToken cancellationToken) =>
        await ReadAllAsync(
            revocation.Scope == RevocationScope.Organization ? StoreKey.Of("api-keys-of-org", revocation.OrgId ?? "") : OwnerIndex(revocation.Issuer, revocation.Subject),
            cancellationToken);

    public async Task NoteUseAsync(ApiKeyRecord record, DateTimeOffset now) => await _uses.PutAsync(_uses.Key(record.Id), new(now), now + KeepUse, CancellationToken.None);

    public async ValueTask<DateTimeOffset?> LastUseAsync(string id, CancellationToken cancellationToken) =>
        (await _uses.ReadAsync(_uses.Key(id), cancellationToken)).Value?.Value.At;

    private async Task<IReadOnlyList<(Sha256Hash, ApiKeyRecord)>?> ReadAllAsync(StoreKey index, CancellationToken cancellationToken)
    {
        var members = await store.ReadIndexAsync(index, MostListed, cancellationToken);
        if (members.Status == StoreStatus.Unavailable)
            return null;
        var all = new List<(Sha256Hash, ApiKeyRecord)>();
        foreach (var member in members.Value ?? [])
        {
            if (Sha256Hash.TryParse(member) is not { } hash)
                continue;
            var read = await ReadAsync(hash, cancellationToken);
            // Half a list would pass for the whole one, and a key that is not on it would outlive its owner.
            if (read.Status == StoreStatus.Unavailable)
                return null;
            if (read.Value is { } record)
                all.Add((hash, record.Value));
        }
        return all;
    }

    private IEnumerable<StoreKey> IndexesOf(ApiKeyRecord record) => record.OwnerSubject is null
        ? [_all, StoreKey.Of("api-keys-of-org", record.OrgId)]
        : [_all, StoreKey.Of("api-keys-of-org", record.OrgId), OwnerIndex(record.OwnerIssuer, record.OwnerSubject)];

    private static StoreKey OwnerIndex(string? issuer, string? subject) => StoreKey.Of("api-keys-of-owner", Revocation.Revocation.IssuerKey(issuer), subject ?? "");

    private StoreKey KeyOf(Sha256Hash hash)
    {
        Span<byte> bytes = stackalloc byte[32];
        hash.CopyTo(bytes);
        return _records.KeyOfHash(bytes);
    }
}
