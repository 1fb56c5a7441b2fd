using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sockets;

/// <summary>.NET's WebSocket client over HTTP/1.1 or HTTP/2, and how its connection ended.</summary>
public sealed class SocketClient : IDisposable
{
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly HttpMessageInvoker Http2 = new(new SocketsHttpHandler { UseProxy = false, EnableMultipleHttp2Connections = true, UseCookies = false });
    private readonly ClientWebSocket _socket = new();

    public WebSocketState State => _socket.State;

    public int Status => (int)_socket.HttpStatusCode;

    public WebSocket Socket => _socket;

    /// <summary>Connects; a refused handshake leaves its status.</summary>
    public static async Task<SocketClient> OpenAsync(Uri url, string? cookie, string? origin, bool http2 = false, bool compress = false, string? authorization = null)
    {
        var client = new SocketClient();
        var options = client._socket.Options;
        if (cookie is not null)
            options.SetRequestHeader("Cookie", cookie);
        if (origin is not null)
            options.SetRequestHeader("Origin", origin);
        if (authorization is not null)
            options.SetRequestHeader("Authorization", authorization);
        if (compress)
            options.DangerousDeflateOptions = new();
        options.KeepAliveInterval = TimeSpan.Zero;
        options.CollectHttpResponseDetails = true;
        if (http2)
            (options.HttpVersion, options.HttpVersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        using var bound = new CancellationTokenSource(Bound);
        try
        {
            await client._socket.ConnectAsync(new UriBuilder(url) { Scheme = "ws" }.Uri, http2 ? Http2 : null, bound.Token);
        }
        catch (WebSocketException) when (client.State != WebSocketState.Open)
        {
            // Its status is read from the socket.
        }
        return client;
    }

    public async Task<JsonObject> HelloAsync() => JsonNode.Parse(await ReceiveAsync())!.AsObject();

    public async Task<byte[]> ReceiveAsync()
    {
        using var bound = new CancellationTokenSource(Bound);
        if (State is WebSocketState.None or WebSocketState.Closed && Status != (int)HttpStatusCode.SwitchingProtocols && Status != (int)HttpStatusCode.OK)
            throw new InvalidOperationException($"the handshake was answered {Status}");
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var part = await _socket.ReceiveAsync(buffer.AsMemory(length), bound.Token);
            length += part.Count;
            if (part.EndOfMessage)
                return buffer[..length];
        }
    }

    /// <summary>Reads what has come of a message.</summary>
    /// <returns>Whether it is anything, and whether it ends the message.</returns>
    public async Task<(bool Some, bool End)> PartAsync()
    {
        using var bound = new CancellationTokenSource(Bound);
        var part = await _socket.ReceiveAsync(new byte[1000].AsMemory(), bound.Token);
        return (part.Count > 0, part.EndOfMessage);
    }

    public async Task SendAsync(string text)
    {
        using var bound = new CancellationTokenSource(Bound);
        await _socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, bound.Token);
    }

    /// <summary>Echoes something of its own and reads it back.</summary>
    public async Task EchoAsync(string text)
    {
        await SendAsync(text);
        Assert.Equal(text, System.Text.Encoding.UTF8.GetString(await ReceiveAsync()));
    }

    /// <summary>Reads on to the Close frame and answers it.</summary>
    /// <returns>Its code and text; null when the connection broke off without one.</returns>
    public async Task<(int Code, string? Text)?> ClosedAsync()
    {
        using var bound = new CancellationTokenSource(Bound);
        var buffer = new byte[64 * 1024];
        try
        {
            while ((await _socket.ReceiveAsync(buffer.AsMemory(), bound.Token)).MessageType != WebSocketMessageType.Close)
            {
            }
            if (_socket.State == WebSocketState.CloseReceived)
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, bound.Token);
        }
        catch (WebSocketException) when (_socket.CloseStatus is null)
        {
            return null;
        }
        return ((int)_socket.CloseStatus!, _socket.CloseStatusDescription);
    }

    public void Dispose() => _socket.Dispose();
}
