using OrgGateway.Sealing;
using OrgGateway.Storage;

namespace OrgGateway.Webhooks;

/// <summary>Messages in the store until they were taken: a replica that ends leaves its messages to the others, and what nobody took is kept for the operator.</summary>
public sealed class WebhookOutbox(IStore store, KeyRing ring, TimeProvider clock)
{
    private const int MostAtOnce = 100;
    private static readonly TimeSpan Keep = TimeSpan.FromDays(30);
    private static readonly StoreKey Waiting = StoreKey.Of("webhooks-waiting");
    private static readonly StoreKey Dead = StoreKey.Of("webhooks-dead");
    private readonly Sealed<WebhookMessage> _messages = new(store, ring, WebhookJson.Default.WebhookMessage, "webhook");

    public async Task<bool> PutAsync(WebhookMessage message)
    {
        var ends = clock.GetUtcNow() + Keep;
        return await _messages.PutAsync(_messages.Key(message.Id), message, ends, CancellationToken.None) == StoreWrite.Done
            && await store.AddToIndexAsync(Waiting, message.Id, ends, CancellationToken.None) == StoreWrite.Done;
    }

    public async Task RemoveAsync(WebhookMessage message)
    {
        await store.RemoveFromIndexAsync(Waiting, message.Id, CancellationToken.None);
        await store.RemoveAsync(_messages.Key(message.Id), CancellationToken.None);
    }

    /// <summary>No more attempts: it stays readable for the operator.</summary>
    public async Task PutAsideAsync(WebhookMessage message)
    {
        await store.AddToIndexAsync(Dead, message.Id, clock.GetUtcNow() + Keep, CancellationToken.None);
        await store.RemoveFromIndexAsync(Waiting, message.Id, CancellationToken.None);
    }

    /// <summary>For the one replica that has it in hand; whoever dies with it leaves it to another.</summary>
    public async Task<bool> TakeInHandAsync(string id, string owner, TimeSpan life) =>
        await store.LeaseAsync(StoreKey.Of("webhook-lease", id), owner, life, CancellationToken.None) == StoreWrite.Done;

    public async Task GiveBackAsync(string id, string owner) => await store.ReleaseAsync(StoreKey.Of("webhook-lease", id), owner, CancellationToken.None);

    public async Task<IReadOnlyList<WebhookMessage>> WaitingAsync() => await ReadAsync(Waiting);

    public async Task<IReadOnlyList<WebhookMessage>> DeadAsync() => await ReadAsync(Dead);

    private async Task<IReadOnlyList<WebhookMessage>> ReadAsync(StoreKey index)
    {
        var messages = new List<WebhookMessage>();
        foreach (var id in (await store.ReadIndexAsync(index, MostAtOnce, CancellationToken.None)).Value ?? [])
            if ((await _messages.ReadAsync(_messages.Key(id), CancellationToken.None)).Value is { } message)
                messages.Add(message.Value);
        return messages;
    }
}
