using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Sealing;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;
using OrgGateway.Webhooks;

namespace OrgGateway.Tests.Webhooks;

/// <summary>A receiver that is away, minute after minute, and a replica that ends meanwhile.</summary>
public sealed class WebhookDeliveryTests : IAsyncLifetime, IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly FakeClock _clock = new();
    private readonly MemoryStore _store;
    private readonly KeyRing _ring = KeyRing.Ephemeral();
    private readonly Receiver _receiver = new();
    private readonly HttpClient _http;

    public WebhookDeliveryTests()
    {
        _store = new(_clock);
        _http = new(_receiver);
    }

    [Fact, Trait("Row", "G22")]
    public async Task A_message_that_waits_for_its_next_attempt_is_not_taken_up_a_second_time()
    {
        using var delivery = New();
        await delivery.StartAsync(default);
        await delivery.SendAsync(Message());
        await Wait.UntilAsync(() => _receiver.Hits == 1, Bound, "the first attempt");
        // Attempts come 1 s, 5 s, 30 s, 2 min and 10 min after each other; the look for messages of others comes every minute.
        for (var second = 0; second < 840; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        await Wait.UntilAsync(
            async () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(20));
                return (await Outbox().DeadAsync()).Count == 1;
            },
            Bound, "it is put aside");
        Assert.Equal(6, _receiver.Hits);
        await delivery.StopAsync(default);
    }

    [Fact, Trait("Row", "G22")]
    public async Task A_replica_that_ends_leaves_its_message_to_another_at_once()
    {
        using (var first = New())
        {
            await first.StartAsync(default);
            await first.SendAsync(Message());
            await Wait.UntilAsync(() => _receiver.Hits == 1, Bound, "the first attempt");
            await first.StopAsync(default);
            await Wait.UntilAsync(async () => await Outbox().TakeInHandAsync("evt_1", "somebody", TimeSpan.FromMilliseconds(1)), Bound, "the lease is given back");
        }
        _clock.Advance(TimeSpan.FromMinutes(2));
        _receiver.Status = HttpStatusCode.NoContent;
        using var second = New();
        await second.StartAsync(default);
        await Wait.UntilAsync(() => _receiver.Hits == 2, Bound, "the other replica takes it up");
        await Wait.UntilAsync(async () => (await Outbox().WaitingAsync()).Count == 0, Bound, "it is done");
        await second.StopAsync(default);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        _receiver.Dispose();
        return _store.DisposeAsync();
    }

    private WebhookMessage Message() => new("evt_1", UserEvents.FirstLogin, _clock.GetUtcNow(), new("https://id.example", "u-1", null, null, null));

    private WebhookOutbox Outbox() => new(_store, _ring, _clock);

    private WebhookDelivery New() => new(
        new WebhookOptions { Url = "https://receiver.example/hook", Secret = "a webhook secret of the tests" }, Outbox(), _http, _clock, NullLogger<WebhookDelivery>.Instance);

    private sealed class Receiver : HttpMessageHandler
    {
        private int _hits;

        public int Hits => Volatile.Read(ref _hits);

        public HttpStatusCode Status { get; set; } = HttpStatusCode.ServiceUnavailable;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _hits);
            return Task.FromResult(new HttpResponseMessage(Status) { Content = new ByteArrayContent([]) });
        }
    }
}
