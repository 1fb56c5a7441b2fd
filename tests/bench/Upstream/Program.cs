// Answers everything with 1 KiB, or as the query says: with the headers that it received, with a mebibyte, with an organization's token. Reads
// whatever body it is sent; a WebSocket gets its messages back.
//   Upstream <port>
using System.Globalization;
using System.Net;
using System.Net.WebSockets;

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, int.Parse(args[0], CultureInfo.InvariantCulture)));

var kibibyte = new byte[1024];
Array.Fill(kibibyte, (byte)'x');
var mebibyte = new byte[1024 * 1024];
Array.Fill(mebibyte, (byte)'x');
var app = builder.Build();
app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
app.Run(context =>
{
    if (context.WebSockets.IsWebSocketRequest)
        return EchoAsync(context);
    context.Response.ContentType = "text/plain";
    if (context.Request.QueryString.Value == "?headers")
        return context.Response.WriteAsync(string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}")));
    if (context.Request.QueryString.Value == "?token")
        return context.Response.WriteAsJsonAsync(new Dictionary<string, object> { ["access_token"] = "token-of-an-organization-" + new string('t', 875), ["expires_in"] = 3600 });
    return AnswerAsync(context, context.Request.QueryString.Value == "?mebibyte" ? mebibyte : kibibyte);
});
app.Run();

static async Task AnswerAsync(HttpContext context, byte[] body)
{
    if (context.Request.ContentLength > 0)
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
    context.Response.ContentLength = body.Length;
    await context.Response.Body.WriteAsync(body, context.RequestAborted);
}

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
