using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Bearer;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Proxy;

/// <summary>Which destination of its cluster a request goes to.</summary>
public sealed class DestinationsChainTests(DestinationServers servers) : IClassFixture<DestinationServers>, IDisposable
{
    private readonly BearerClient _client = new(servers.Stack.Url);

    [Fact]
    public async Task Requests_are_spread_over_the_destinations_of_a_cluster()
    {
        var (first, second) = (servers.Stack.Upstream.Hits, servers.Second.Hits);
        for (var i = 0; i < 6; i++)
            Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/spread/x", null)).Status);
        Assert.Equal((first + 3, second + 3), (servers.Stack.Upstream.Hits, servers.Second.Hits));
    }

    [Theory]
    [InlineData("/sticky/x")]
    [InlineData("/sticky-alone/x")] // one destination: there may be more after a reload
    public async Task Where_a_cluster_asks_for_affinity_the_answer_says_so_and_a_caller_stays_at_one_destination(string path)
    {
        var cookie = (await _client.GetAsync(path, null)).Header("Set-Cookie")!.Split(';')[0];
        var (first, second) = (servers.Stack.Upstream.Hits, servers.Second.Hits);
        for (var i = 0; i < 6; i++)
            Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync(path, null, request => request.Headers.Add("Cookie", cookie))).Status);
        Assert.Contains((servers.Stack.Upstream.Hits - first, servers.Second.Hits - second), new[] { (6, 0), (0, 6) });
    }

    [Theory]
    [InlineData("/counted/x")]
    [InlineData("/silent/x")]
    public async Task A_destination_that_does_not_answer_is_left_out(string path)
    {
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 40; i++)
            answers.Add((await _client.GetAsync(path, null)).Status);
        Assert.Contains(HttpStatusCode.BadGateway, answers);
        Assert.All(answers.TakeLast(10), status => Assert.Equal(HttpStatusCode.OK, status));
    }

    [Fact]
    public async Task A_cluster_none_of_whose_destinations_answers_is_tried_all_the_same()
    {
        for (var i = 0; i < 40; i++)
            Assert.Equal(HttpStatusCode.BadGateway, (await _client.GetAsync("/gone/x", null)).Status);
    }

    public void Dispose() => _client.Dispose();
}

public sealed class DestinationServers : IAsyncLifetime, IAsyncDisposable
{
    private GatewayStack? _stack;

    public GatewayStack Stack => _stack!;

    public EchoUpstream Second { get; } = new();

    public async Task InitializeAsync()
    {
        await Second.StartAsync();
        _stack = await GatewayStack.StartAsync(new()
        {
            Configure = (stack, configuration) =>
            {
                var (first, second, nobody) = (stack.Upstream.Url, Second.Url, $"http://127.0.0.1:{FreePort.Next()}");
                Add(configuration, "spread", [], first, second);
                Add(configuration, "sticky", Affinity("spread-to"), first, second);
                Add(configuration, "sticky-alone", Affinity("kept-at"), first);
                Add(configuration, "silent", [], first, nobody);
                Add(configuration, "gone", [], nobody, nobody);
                Add(configuration, "counted", new() { ["HealthCheck"] = new JsonObject { ["Passive"] = new JsonObject { ["Enabled"] = true, ["Policy"] = "TransportFailureRate", ["ReactivationPeriod"] = "00:10:00" } } }, first, nobody);
            },
        });
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (_stack is not null)
            await _stack.DisposeAsync();
        await Second.DisposeAsync();
    }

    private static JsonObject Affinity(string cookie) => new() { ["SessionAffinity"] = new JsonObject { ["Enabled"] = true, ["Policy"] = "Cookie", ["AffinityKeyName"] = cookie } };

    private static void Add(JsonObject configuration, string name, JsonObject cluster, params string[] destinations)
    {
        BearerServers.AddRoute(configuration, name, $"/{name}/{{**rest}}", ("Access", "public"));
        configuration["ReverseProxy"]!["Routes"]![name]!["ClusterId"] = name;
        cluster["LoadBalancingPolicy"] = "RoundRobin";
        cluster["Destinations"] = new JsonObject(destinations.Select((address, i) => KeyValuePair.Create<string, JsonNode?>("d" + i, new JsonObject { ["Address"] = address })));
        configuration["ReverseProxy"]!["Clusters"]![name] = cluster;
    }
}
