using OrgGateway.Storage;

namespace OrgGateway.Inlets;

/// <summary>Remembers message ids (<c>jti</c>) across replicas while the message would still be accepted.</summary>
public sealed class ReplayRecord(IStore store)
{
    private static readonly byte[] Seen = "1"u8.ToArray();

    /// <returns><c>Done</c> for the first time, <c>Refused</c> for a replay.</returns>
    public ValueTask<StoreWrite> NoteAsync(string kind, string issuer, string id, DateTimeOffset until) =>
        store.CreateAsync(KeyOf(kind, issuer, id), Seen, until, CancellationToken.None);

    /// <summary>For a message that had no effect and is to come again.</summary>
    public async Task ForgetAsync(string kind, string issuer, string id) => await store.RemoveAsync(KeyOf(kind, issuer, id), CancellationToken.None);

    private static StoreKey KeyOf(string kind, string issuer, string id) => StoreKey.Of("replay", kind, issuer, id);
}
