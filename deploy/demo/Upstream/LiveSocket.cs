using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrgGateway.Demo.Upstream;

/// <summary>
/// A socket that says every second whose it is. All of it comes from the handshake's headers: the socket stays with that
/// organization, whatever other tabs show.
/// </summary>
internal sealed class LiveSocket(WebSocket socket, string org, Caller caller, TimeProvider clock) : IDisposable
{
    private const int MaxMessage = 64 * 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _sending = new(1, 1);

    public void Dispose() => _sending.Dispose();

    /// <summary>Runs until the other side closes, the connection breaks or the app stops.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var ticking = TickAsync(ended.Token);
        var reading = ReadAsync();
        if (await Task.WhenAny(reading, ticking) != reading)
        {
            await CloseAsync(WebSocketCloseStatus.EndpointUnavailable);
            await reading;
        }

        await ended.CancelAsync();
        await ticking;
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(Interval, clock);
            for (var count = 1; ; count++)
            {
                await SendAsync(
                    new JsonObject
                    {
                        ["org"] = caller.OrgSlug,
                        ["orgId"] = caller.OrgId,
                        ["user"] = caller.Email,
                        ["roles"] = new JsonArray([.. caller.Roles.Select(role => (JsonNode)role)]),
                        ["count"] = count,
                        ["at"] = clock.GetUtcNow().ToString("O"),
                    },
                    cancellationToken);
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
        catch (Exception e) when (IsGone(e))
        {
            // The reader sees the same end and closes.
        }
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[MaxMessage];
        var length = 0;
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += part.Count;
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await CloseAsync(socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure);
                    return;
                }

                if (!part.EndOfMessage && length == buffer.Length)
                {
                    await CloseAsync(WebSocketCloseStatus.MessageTooBig);
                    return;
                }

                if (!part.EndOfMessage)
                    continue;
                if (part.MessageType == WebSocketMessageType.Text)
                    await SendAsync(
                        new JsonObject { ["org"] = caller.OrgSlug ?? org, ["echo"] = Encoding.UTF8.GetString(buffer, 0, length) },
                        CancellationToken.None);
                length = 0;
            }
        }
        catch (Exception e) when (IsGone(e))
        {
            socket.Abort();
        }
    }

    // The ticker and the reader both send, and a WebSocket takes one message at a time.
    private async Task SendAsync(JsonObject message, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await socket.SendAsync(
                JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task CloseAsync(WebSocketCloseStatus status)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1), clock);
        try
        {
            await socket.CloseOutputAsync(status, null, patience.Token);
        }
        catch (Exception e) when (IsGone(e))
        {
            socket.Abort();
        }
    }

    private static bool IsGone(Exception e) =>
        e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or IOException;
}
