using System.Text.Json;
using OrgGateway.Sealing;
using OrgGateway.Storage;

namespace OrgGateway.OrgTokens;

/// <summary>Tells all replicas of new tokens, sealed: who may write to the store's channel cannot make them ask. Messages may be lost; a poll finds what they meant.</summary>
public sealed class OrganizationTokenMessages(IStore store, KeyRing ring)
{
    private const string Channel = "org-tokens";
    private static readonly byte[] Name = "org-tokens"u8.ToArray();

    public ValueTask<StoreWrite> TellAsync(StoreKey key, OrganizationTokenNews news) => store.PublishAsync(
        Channel, ring.Seal(Channel, Name, JsonSerializer.SerializeToUtf8Bytes(new(key.Name, news), OrganizationTokenJson.Default.OrganizationTokenMessage)), CancellationToken.None);

    public void Subscribe(Action<OrganizationTokenMessage> handler) => store.Subscribe(Channel, sealedMessage =>
    {
        if (!ring.TryOpen(Channel, Name, sealedMessage, out var plaintext))
            return;
        try
        {
            if (JsonSerializer.Deserialize(plaintext, OrganizationTokenJson.Default.OrganizationTokenMessage) is { } message)
                handler(message);
        }
        catch (JsonException)
        {
            // Of another version of this program: the poll finds what it meant.
        }
    });
}
