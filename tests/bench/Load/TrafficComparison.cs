namespace OrgGateway.Bench.Load;

/// <summary>The signed-in request under other traffic than that of <see cref="Comparison"/>, each kind beside bare YARP under the same.</summary>
public sealed class TrafficComparison(TextWriter output, Settings settings)
{
    public static readonly string[] Kinds = ["connections", "bodies", "http2", "echo"];

    private static readonly int[] Connections = [1, 64, 256];

    // Kestrel's own setting; without TLS an HTTP/1.1 listener does not know HTTP/2.
    private static readonly Dictionary<string, string> Http2 = new() { ["Kestrel__EndpointDefaults__Protocols"] = "Http2" };

    private readonly ComparisonTable _table = new(output, settings);
    private readonly List<Measured> _rows = [];
    private readonly List<Interleaved> _runs = [];

    /// <param name="kinds">Some of <see cref="Kinds"/>.</param>
    /// <returns>The exit code: 1 when any request failed.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> kinds)
    {
        await using var testbed = new Testbed();
        await testbed.StartUpstreamAsync();
        await testbed.StartRedisAsync();
        await using var farm = await SessionFarm.InRedisAsync(testbed.RedisPort);
        var cookie = await farm.CookieAsync(organizations: 1);
        var proxies = await StartAsync([]);
        await _table.HeadAsync();
        foreach (var kind in kinds)
            await (kind switch
            {
                "connections" => OverConnectionsAsync(),
                "bodies" => WithBodiesAsync(),
                "http2" => OverHttp2Async(),
                _ => CompareAsync("WebSocket echo", Under(proxies, new EchoLoad()), settings),
            });
        return await _table.EndAsync(_rows, [.. _runs]);

        async Task OverConnectionsAsync()
        {
            foreach (var connections in Connections)
                await CompareAsync($"{connections} connection{(connections == 1 ? "" : "s")}", proxies, settings with { Conns = connections });
        }

        async Task WithBodiesAsync()
        {
            await CompareAsync("1 MiB down", [.. proxies.Select(proxy => proxy with { Path = GatewayConfiguration.Path + "?mebibyte" })], settings);
            var post = await testbed.WriteAsync("post.lua", "wrk.method = 'POST'\nwrk.body = string.rep('x', 1048576)\nwrk.headers['Content-Type'] = 'application/octet-stream'\n");
            await CompareAsync("1 MiB up", Under(proxies, new Wrk(post)), settings);
        }

        async Task OverHttp2Async() => await CompareAsync("HTTP/2", Under(await StartAsync(Http2), new H2Load()), settings);

        async Task<Target[]> StartAsync(Dictionary<string, string> environment) =>
        [
            await testbed.StartBareYarpAsync("bare YARP", environment: environment),
            await testbed.StartBareYarpAsync("bare YARP again", environment: environment),
            (await testbed.StartGatewayAsync("gateway", GatewayConfiguration.WithoutProvider(testbed.UpstreamPort, testbed.RedisPort), environment)).Target,
        ];

        async Task CompareAsync(string kind, Target[] targets, Settings settings)
        {
            if (targets[^1].Load is not EchoLoad)
                await Proof.OfAsync(targets[^1] with { Path = GatewayConfiguration.Path }, cookie, "X-Auth-User-Id: person-0", "X-Auth-Org-Slug: acme", "Authorization: Bearer ");
            var run = new Interleaved(testbed, settings, targets[0], cookie);
            var measured = await run.RunAsync(targets[1..]);
            await _table.RowsAsync(measured, kind + ": ");
            _rows.AddRange(measured);
            _runs.Add(run);
        }
    }

    private static Target[] Under(Target[] proxies, ILoad load) => [.. proxies.Select(proxy => proxy with { Load = load })];
}
