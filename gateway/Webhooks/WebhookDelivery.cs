using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using OrgGateway.Oidc;

namespace OrgGateway.Webhooks;

/// <summary>Delivers messages behind the requests that cause them: signed, tried again with growing pauses, then put aside.</summary>
public sealed class WebhookDelivery(WebhookOptions options, WebhookOutbox outbox, HttpClient backchannel, TimeProvider clock, ILogger<WebhookDelivery> logger) : BackgroundService
{
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10)];
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan InHand = TimeSpan.FromMinutes(30);
    private readonly Channel<WebhookMessage> _new = Channel.CreateBounded<WebhookMessage>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly string _owner = Convert.ToHexString(RandomNumberGenerator.GetBytes(8));
    private readonly ConcurrentDictionary<string, byte> _inHand = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _atOnce = new(8);

    public bool IsOn => options.Url is not null;

    /// <summary>Kept in the store first: what does not fit in here, or outlives this process, is found there.</summary>
    public async Task SendAsync(WebhookMessage message)
    {
        await outbox.PutAsync(message);
        _new.Writer.TryWrite(message);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!IsOn)
            return;
        _ = LookForOthersAsync(stoppingToken);
        await foreach (var message in _new.Reader.ReadAllAsync(stoppingToken))
            _ = RunAsync(message, stoppingToken);
    }

    public override void Dispose()
    {
        _atOnce.Dispose();
        base.Dispose();
    }

    private async Task LookForOthersAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        try
        {
            do
                await LookOnceAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    private async Task LookOnceAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var message in await outbox.WaitingAsync())
                if (message.At < clock.GetUtcNow() - LookEvery)
                    _ = RunAsync(message, stoppingToken);
        }
        catch (Exception exception) when (exception is not (OutOfMemoryException or OperationCanceledException))
        {
            logger.WebhookWorkFailed(exception); // the next look may do
        }
    }

    private async Task RunAsync(WebhookMessage message, CancellationToken stoppingToken)
    {
        // The lease is this process's own: it keeps other replicas away, not a second look while the first one waits for its next attempt.
        if (!_inHand.TryAdd(message.Id, 0))
            return;
        try
        {
            if (!await outbox.TakeInHandAsync(message.Id, _owner, InHand))
                return;
            for (var attempt = 1; attempt <= options.Attempts; attempt++)
            {
                if (await TryAsync(message, attempt, stoppingToken))
                {
                    await outbox.RemoveAsync(message);
                    return;
                }
                if (attempt < options.Attempts)
                    await Task.Delay(Pauses[Math.Min(attempt, Pauses.Length) - 1], clock, stoppingToken);
            }
            await outbox.PutAsideAsync(message);
            logger.WebhookPutAside(message.Id, message.Type, options.Attempts);
        }
        catch (OperationCanceledException)
        {
            await outbox.GiveBackAsync(message.Id, _owner); // the gateway stops; another replica takes the message up at once
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            logger.WebhookWorkFailed(exception); // nobody awaits this
        }
        finally
        {
            _inHand.TryRemove(message.Id, out _);
        }
    }

    private async Task<bool> TryAsync(WebhookMessage message, int attempt, CancellationToken stoppingToken)
    {
        await _atOnce.WaitAsync(stoppingToken);
        try
        {
            using var request = Request(message);
            var answer = await Backchannel.SendAsync(backchannel, request, options.Timeout, clock, stoppingToken);
            if (answer is BackchannelAnswer.Received { Status: var status } && (int)status is >= 200 and < 300)
                return true;
            logger.WebhookFailed(message.Id, message.Type, attempt, answer switch
            {
                BackchannelAnswer.Received received => $"status {(int)received.Status}",
                BackchannelAnswer.Failed(var reason) => reason,
                _ => "",
            });
            return false;
        }
        finally
        {
            _atOnce.Release();
        }
    }

    // The time is signed with the body: a message that was overheard cannot be sent again later (as Stripe does it).
    private HttpRequestMessage Request(WebhookMessage message)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message, WebhookJson.Default.WebhookMessage);
        var time = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.ASCII.GetBytes(time + "."), .. body];
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(options.SecretBytes(), signed));
        var request = new HttpRequestMessage(HttpMethod.Post, options.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("X-OrgGateway-Event", message.Type);
        request.Headers.TryAddWithoutValidation("X-OrgGateway-Delivery", message.Id);
        request.Headers.TryAddWithoutValidation("X-OrgGateway-Signature", $"t={time},v1={signature}");
        return request;
    }
}
