using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace OrgGateway.Tests.Sockets;

/// <summary>An upstream that fragments, compresses, pings, floods, stops in the middle, or refuses; the query says which.</summary>
public static class WildUpstream
{
    public static Task AnswerAsync(HttpContext context) => context.Request.QueryString.Value switch
    {
        "?fragments" => RawAsync(context, FragmentAsync),
        "?floods" => RawAsync(context, FloodAsync),
        "?stops" => RawAsync(context, StopAsync),
        "?babbles" => RawAsync(context, (wire, stop) => wire.WriteAsync(new byte[] { 0xff, 0xff, 0xff }, stop).AsTask()),
        "?compresses" => CompressAsync(context),
        "?refuses" => RefuseAsync(context),
        _ => StreamAsync(context),
    };

    // One message that never ends, in pieces, with pings between them.
    private static async Task FragmentAsync(Stream wire, CancellationToken stop)
    {
        await wire.WriteAsync(Frame.Of(Frame.Binary, 10), stop);
        while (true)
        {
            await wire.WriteAsync(Frame.Of(Frame.Continuation, 70_000), stop);
            await wire.WriteAsync(Frame.Of(Frame.Final | Frame.Ping, 3), stop);
            await Task.Delay(5, stop);
        }
    }

    private static async Task FloodAsync(Stream wire, CancellationToken stop)
    {
        var frames = Enumerable.Repeat(Frame.Of(Frame.Final | Frame.Binary, 4000), 16).SelectMany(f => f).ToArray();
        while (true)
            await wire.WriteAsync(frames, stop);
    }

    private static async Task StopAsync(Stream wire, CancellationToken stop)
    {
        await wire.WriteAsync(Frame.Of(Frame.Final | Frame.Text, "first"u8), stop);
        await wire.WriteAsync(Frame.Of(Frame.Final | Frame.Binary, 100_000).AsMemory(0, 5_000), stop);
        await Task.Delay(Timeout.Infinite, stop);
    }

    private static async Task CompressAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { DangerousEnableCompression = true });
        var message = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 3000).Select(i => i % 10)));
        try
        {
            for (var i = 0; ; i++)
            {
                await socket.SendAsync(message.AsMemory(), WebSocketMessageType.Text, endOfMessage: i % 3 == 2, context.RequestAborted);
                await Task.Delay(2, context.RequestAborted);
            }
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException)
        {
            // The gateway closed.
        }
    }

    private static async Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
        await context.Response.WriteAsync("no socket here", context.RequestAborted);
    }

    private static async Task StreamAsync(HttpContext context)
    {
        context.Response.ContentType = context.Request.QueryString.Value == "?events" ? "text/event-stream" : "application/octet-stream";
        try
        {
            while (true)
            {
                await context.Response.WriteAsync("data: x\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(20, context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway cut it.
        }
    }

    private static async Task RawAsync(HttpContext context, Func<Stream, CancellationToken, Task> talk)
    {
#pragma warning disable CA5350, RS0030 // the handshake's own hash (RFC 6455 §4.2.2), no protection of anything
        var key = (string)context.Request.Headers["Sec-WebSocket-Key"]!;
        context.Response.Headers["Sec-WebSocket-Accept"] = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350, RS0030
        context.Response.Headers.Connection = "Upgrade";
        context.Response.Headers.Upgrade = "websocket";
        await using var wire = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        try
        {
            var reading = Task.Run(async () =>
            {
                var buffer = new byte[4096];
                while (await wire.ReadAsync(buffer, stop.Token) > 0)
                {
                }
                await stop.CancelAsync();
            });
            await talk(wire, stop.Token);
            await reading;
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The gateway closed.
        }
    }
}
