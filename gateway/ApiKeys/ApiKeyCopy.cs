using OrgGateway.Identities;
using OrgGateway.Orgs;

namespace OrgGateway.ApiKeys;

/// <summary>A key as last read, and who it stands for, worked out once. Immutable but for its end and the note of its use.</summary>
internal sealed class ApiKeyCopy(ApiKeyRecord record, Identity identity, OrganizationCatalog catalog, DateTimeOffset readAt)
{
    private volatile bool _dropped;
    private long _noted;

    public ApiKeyRecord Record { get; } = record;
    public Identity Identity { get; } = identity;
    public OrganizationCatalog Catalog { get; } = catalog;
    public DateTimeOffset ReadAt { get; } = readAt;

    /// <summary>Revoked or changed: whoever still finds it reads the store.</summary>
    public bool IsDropped => _dropped;

    public void KeepNoteOf(ApiKeyCopy older) => _noted = Volatile.Read(ref older._noted);

    public void Drop() => _dropped = true;

    /// <returns>True for the one caller that is to write the use down.</returns>
    public bool NotesUse(DateTimeOffset now, TimeSpan every)
    {
        var noted = Volatile.Read(ref _noted);
        return now.UtcTicks - noted >= every.Ticks && Interlocked.CompareExchange(ref _noted, now.UtcTicks, noted) == noted;
    }
}
