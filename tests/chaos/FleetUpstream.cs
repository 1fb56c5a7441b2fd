using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrgGateway.Tests.Chaos;

/// <summary>An app that says whom it was told it serves, and remembers nothing. A WebSocket hears the same first, then its own messages.</summary>
internal sealed class FleetUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FleetUpstream(WebApplication app, int port) => (_app, Port) = (app, port);

    public int Port { get; }

    public static async Task<FleetUpstream> StartAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(AnswerAsync);
        await app.StartAsync();
        return new(app, port);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>What stands for the caller in every answer.</summary>
    public static string Sign(string organization, string caller) => $"{organization} {caller}";

    private static async Task AnswerAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var signed = Sign(headers["X-Auth-Org-Slug"].ToString(), headers[headers.ContainsKey("X-Auth-Key-Id") ? "X-Auth-Key-Id" : "X-Auth-User-Id"].ToString());
        if (context.WebSockets.IsWebSocketRequest)
            await EchoAsync(context, signed);
        else
            await context.Response.WriteAsync(HttpMethods.IsPost(context.Request.Method) ? signed + " " + await new StreamReader(context.Request.Body).ReadToEndAsync() : signed);
    }

    private static async Task EchoAsync(HttpContext context, string signed)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        try
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(signed), WebSocketMessageType.Text, true, context.RequestAborted);
            var buffer = new byte[1024];
            while (await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
                await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, context.RequestAborted);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        }
        catch (Exception broken) when (broken is WebSocketException or OperationCanceledException)
        {
        }
    }
}
