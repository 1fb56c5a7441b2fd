using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sockets;

/// <summary>The demo with a second address that speaks HTTP/2 alone, and open sockets checked every second.</summary>
public sealed class SocketServers : IAsyncLifetime
{
    private GatewayStack? _stack;

    public GatewayStack Stack => _stack!;

    public Uri Http2 { get; private set; } = null!;

    public static void Configure(JsonObject configuration, Uri http2)
    {
        configuration["Kestrel"] = new JsonObject
        {
            ["Endpoints"] = new JsonObject
            {
                ["first"] = new JsonObject { ["Url"] = (string?)configuration["Urls"], ["Protocols"] = "Http1" },
                ["second"] = new JsonObject { ["Url"] = http2.GetLeftPart(UriPartial.Authority), ["Protocols"] = "Http2" },
            },
        };
        configuration["Gateway"]!["Sockets"] = new JsonObject { ["RecheckEvery"] = "00:00:01" };
        var routes = configuration["ReverseProxy"]!["Routes"]!.AsObject();
        routes["adminLive"] = Route("/orgs/{org}/admin-live", new() { ["Token"] = "user", ["Roles"] = "admin", ["WebSocket"] = "require" });
        routes["apiLive"] = Route("/api/websocket/{org}", new() { ["Token"] = "user", ["WebSocket"] = "allow" });
        routes["publicLive"] = Route("/public-live", new() { ["Access"] = "public" });
    }

    public async Task InitializeAsync()
    {
        Http2 = FreePort.NextOrigin();
        _stack = await GatewayStack.StartAsync(new() { Configure = (_, configuration) => Configure(configuration, Http2) });
    }

    public async Task DisposeAsync() => await Stack.DisposeAsync();

    public static JsonObject Route(string path, JsonObject metadata) => new() { ["ClusterId"] = "app", ["Match"] = new JsonObject { ["Path"] = path }, ["Metadata"] = metadata };
}
