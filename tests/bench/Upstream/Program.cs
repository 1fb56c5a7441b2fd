// Answers everything with 1 KiB, or with the headers that it received where the query says so; a WebSocket gets its messages back.
//   Upstream <port>
using System.Globalization;
using System.Net;
using System.Net.WebSockets;

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, int.Parse(args[0], CultureInfo.InvariantCulture)));

var kibibyte = new byte[1024];
Array.Fill(kibibyte, (byte)'x');
var app = builder.Build();
app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
app.Run(context =>
{
    if (context.WebSockets.IsWebSocketRequest)
        return EchoAsync(context);
    context.Response.ContentType = "text/plain";
    if (context.Request.QueryString.Value == "?headers")
        return context.Response.WriteAsync(string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}")));
    context.Response.ContentLength = kibibyte.Length;
    return context.Response.Body.WriteAsync(kibibyte, 0, kibibyte.Length);
});
app.Run();

static async Task EchoAsync(HttpContext context)
{
    using var socket = await context.WebSockets.AcceptWebSocketAsync();
    var buffer = new byte[256];
    try
    {
        while (await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
            await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, context.RequestAborted);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
    }
    catch (Exception gone) when (gone is WebSocketException or OperationCanceledException)
    {
        // Closed by the proxy.
    }
}
