using OrgGateway.Sealing;
using OrgGateway.Storage;

namespace OrgGateway.Orgs;

/// <summary>
/// The source <c>store</c>: sealed records by id, and by slug. A slug that was given to one organization is never given to
/// another, renamed or removed ones included, so that an old link leads to its organization or nowhere (T75).
/// </summary>
public sealed class DirectoryRecords(IStore store, KeyRing ring, TimeProvider clock)
{
    private const int ListLimit = 10_000;
    private static readonly TimeSpan Forever = TimeSpan.FromDays(3650);
    private static readonly StoreKey All = StoreKey.Of("organizations");
    private readonly Sealed<DirectoryEntry> _byId = new(store, ring, DirectoryJson.Default.DirectoryEntry, "organization");
    private readonly Sealed<DirectoryEntry> _bySlug = new(store, ring, DirectoryJson.Default.DirectoryEntry, "organization-slug");

    public async ValueTask<DirectoryAnswer> FindAsync(string name, CancellationToken cancellationToken)
    {
        var byId = await _byId.ReadAsync(_byId.Key(name), cancellationToken);
        if (byId.Status == StoreStatus.Unavailable)
            return DirectoryAnswer.Unavailable;
        if (byId.Value is { } named)
            return DirectoryAnswer.Found(named.Value);
        var bySlug = await _bySlug.ReadAsync(_bySlug.Key(name), cancellationToken);
        if (bySlug.Value is not { } slug)
            return bySlug.Status == StoreStatus.Unavailable ? DirectoryAnswer.Unavailable : DirectoryAnswer.Unknown;
        var current = await _byId.ReadAsync(_byId.Key(slug.Value.Id), cancellationToken);
        return current.Status == StoreStatus.Unavailable ? DirectoryAnswer.Unavailable
            : DirectoryAnswer.Found(current.Value?.Value ?? new DirectoryEntry(slug.Value.Id));
    }

    /// <summary>Gives a slug to an organization where nobody has or had it.</summary>
    public async ValueTask<StoreWrite> BindAsync(string slug, string id, CancellationToken cancellationToken)
    {
        var created = await _bySlug.CreateAsync(_bySlug.Key(slug), new DirectoryEntry(id), clock.GetUtcNow() + Forever, cancellationToken);
        if (created != StoreWrite.Refused)
            return created;
        var owner = await _bySlug.ReadAsync(_bySlug.Key(slug), cancellationToken);
        return owner.Status == StoreStatus.Unavailable ? StoreWrite.Unavailable : owner.Value?.Value.Id == id ? StoreWrite.Done : StoreWrite.Refused;
    }

    /// <returns><c>Refused</c> where the slug is or was another organization's.</returns>
    public async ValueTask<StoreWrite> PutAsync(DirectoryEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Slug is not null && await BindAsync(entry.Slug, entry.Id, cancellationToken) is var bound and not StoreWrite.Done)
            return bound;
        var ends = clock.GetUtcNow() + Forever;
        var written = await _byId.PutAsync(_byId.Key(entry.Id), entry, ends, cancellationToken);
        return written == StoreWrite.Done ? await store.AddToIndexAsync(All, entry.Id, ends, cancellationToken) : written;
    }

    /// <summary>Removes what is known of an organization; its slugs stay taken.</summary>
    public async ValueTask<StoreWrite> RemoveAsync(string id, CancellationToken cancellationToken)
    {
        var removed = await store.RemoveAsync(_byId.Key(id), cancellationToken);
        if (removed != StoreWrite.Unavailable)
            await store.RemoveFromIndexAsync(All, id, cancellationToken);
        return removed;
    }

    /// <returns>Null when the store does not answer.</returns>
    public async ValueTask<IReadOnlyList<DirectoryEntry>?> ListAsync(CancellationToken cancellationToken)
    {
        var ids = await store.ReadIndexAsync(All, ListLimit, cancellationToken);
        if (ids.Status == StoreStatus.Unavailable)
            return null;
        var entries = new List<DirectoryEntry>();
        foreach (var id in ids.Value ?? [])
            if ((await _byId.ReadAsync(_byId.Key(id), cancellationToken)).Value is { } entry)
                entries.Add(entry.Value);
        return entries;
    }
}
