using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrgGateway.Tests.Servers;

/// <summary>
/// An upstream that records every request. It answers with the request as JSON <c>{ method, path, query, headers, body }</c>, or as
/// <see cref="Answer"/> says; a WebSocket gets the X-Auth-* headers of its handshake as a first JSON message, then its own messages back.
/// </summary>
public sealed class EchoUpstream : IAsyncLifetime, IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedRequest> _requests = new();
    private readonly ConcurrentQueue<WebSocketCloseStatus?> _closed = new();
    private WebApplication? _app;
    private int _hits;
    private int _openSockets;

    public int Port { get; private set; }

    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>Answers in place of the echo, WebSocket handshakes included. The body can be read (again) from the request.</summary>
    public Func<HttpContext, Task>? Answer { get; set; }

    /// <summary>False leaves request bodies unread, for tests of streaming.</summary>
    public bool RecordBodies { get; set; } = true;

    /// <summary>Requests that arrived, counted before their body is read.</summary>
    public int Hits => Volatile.Read(ref _hits);

    public int OpenSockets => Volatile.Read(ref _openSockets);

    public IReadOnlyList<ReceivedRequest> Requests => [.. _requests];

    public ReceivedRequest LastRequest => _requests.Last();

    /// <summary>How WebSockets were closed by the other side; null for one that broke off.</summary>
    public IReadOnlyList<WebSocketCloseStatus?> Closed => [.. _closed];

    public Task InitializeAsync() => StartAsync();

    /// <summary>Listens at the port, or at a free one; after <see cref="StopAsync"/>, without a port, at the same one again.</summary>
    public async Task StartAsync(int? port = null)
    {
        if (port is { } wanted) Port = wanted;
        else if (Port == 0) Port = FreePort.Next();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, Port, listen => listen.Use(WireTap.On));
        });
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(ReceiveAsync);
        await _app.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        _app = null;
    }

    public void Forget()
    {
        _requests.Clear();
        _closed.Clear();
        Interlocked.Exchange(ref _hits, 0);
    }

    Task IAsyncLifetime.DisposeAsync() => StopAsync();

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        Interlocked.Increment(ref _hits);
        var tap = context.Features.Get<WireTap>();
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var headers = HeadersOf(context, tap?.HeaderLines(context.Request.Method, target));
        var body = Array.Empty<byte>();
        if (RecordBodies && !context.WebSockets.IsWebSocketRequest)
        {
            using var copy = new MemoryStream();
            await context.Request.Body.CopyToAsync(copy, context.RequestAborted);
            body = copy.ToArray();
            context.Request.Body = new MemoryStream(body);
        }
        var request = new ReceivedRequest(context.Request.Method, target, headers, body);
        tap?.Clear();
        _requests.Enqueue(request);

        if (Answer is { } answer) await answer(context);
        else if (context.WebSockets.IsWebSocketRequest) await EchoSocketAsync(context, request);
        else await EchoAsync(context, request);
    }

    private static KeyValuePair<string, string>[] HeadersOf(HttpContext context, string? lines)
    {
        if (lines is null)
            return [.. context.Request.Headers.SelectMany(header => header.Value.Select(value => KeyValuePair.Create(header.Key, value ?? "")))];
        return [.. lines.Split("\r\n").Select(line => line.Split(':', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1].Trim()))];
    }

    private static Task EchoAsync(HttpContext context, ReceivedRequest request) => context.Response.WriteAsJsonAsync(
        new
        {
            method = request.Method,
            path = context.Request.Path.Value,
            query = context.Request.QueryString.Value,
            headers = Joined(request.Headers),
            body = request.Text,
        },
        context.RequestAborted);

    private static Dictionary<string, string> Joined(IEnumerable<KeyValuePair<string, string>> headers) => headers
        .GroupBy(header => header.Key, header => header.Value, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(header => header.Key.ToLowerInvariant(), header => string.Join(", ", header));

    private async Task EchoSocketAsync(HttpContext context, ReceivedRequest request)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync(context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault());
        Interlocked.Increment(ref _openSockets);
        try
        {
            var identity = Joined(request.Headers.Where(header => header.Key.StartsWith("X-Auth-", StringComparison.OrdinalIgnoreCase)));
            await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(identity), WebSocketMessageType.Text, true, context.RequestAborted);
            var buffer = new byte[16 * 1024];
            while (await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
                await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, context.RequestAborted);
            _closed.Enqueue(socket.CloseStatus);
            await socket.CloseOutputAsync(socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, socket.CloseStatusDescription, context.RequestAborted);
        }
        catch (Exception broken) when (broken is WebSocketException or OperationCanceledException)
        {
            _closed.Enqueue(null);
        }
        finally
        {
            Interlocked.Decrement(ref _openSockets);
        }
    }
}
