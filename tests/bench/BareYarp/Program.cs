// What the gateway is measured against: YARP with one route that matches everything, and nothing else.
//   BareYarp <port> <upstream address> [<port where its runtime's counters are read> [<session cookie>]]
// With a session cookie it is the floor: what any gateway with sessions does at the least.
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using OrgGateway.Bench.BareYarp;
using Yarp.ReverseProxy.Configuration;

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, int.Parse(args[0], CultureInfo.InvariantCulture)));
builder.Services.AddReverseProxy().LoadFromMemory(
    [new RouteConfig { RouteId = "all", ClusterId = "app", Match = new RouteMatch { Path = "{**rest}" } }],
    [new ClusterConfig { ClusterId = "app", Destinations = new Dictionary<string, DestinationConfig> { ["a"] = new() { Address = args[1] } } }]);

var app = builder.Build();
if (args.Length > 3)
    app.Use(new Floor(args[3]).AskAsync);
app.MapReverseProxy();
if (args.Length > 2)
    _ = CountAsync(int.Parse(args[2], CultureInfo.InvariantCulture));
app.Run();

// Beside the server that is measured, so that its pipeline stays bare. Names as the gateway's metrics have them.
static async Task CountAsync(int port)
{
    using var listener = new TcpListener(IPAddress.Loopback, port);
    listener.Start();
    while (true)
    {
        using var client = await listener.AcceptTcpClientAsync();
        var stream = client.GetStream();
        _ = await stream.ReadAsync(new byte[4096]);
        var text = string.Create(CultureInfo.InvariantCulture, $"dotnet_gc_heap_total_allocated_bytes {GC.GetTotalAllocatedBytes()}\ndotnet_gc_collections {GC.CollectionCount(0)}\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {text.Length}\r\n\r\n{text}"));
    }
}
