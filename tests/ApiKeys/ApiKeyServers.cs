using System.Text.Json.Nodes;
using OrgGateway.Tests.Bearer;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.ApiKeys;

/// <summary>Two replicas over one Redis, with routes for keys.</summary>
public sealed class ApiKeyServers : IAsyncLifetime
{
    private GatewayStack? _stack;
    private GatewayProcess? _other;

    public RedisServer Redis { get; } = new();

    public GatewayStack Stack => _stack!;

    public GatewayProcess Other => _other!;

    public async Task InitializeAsync()
    {
        await Redis.InitializeAsync();
        _stack = await GatewayStack.StartAsync(new() { Redis = Redis, Configure = (_, configuration) => Configure(configuration) });
        _other = await Stack.StartReplicaAsync();
    }

    public async Task DisposeAsync()
    {
        await Stack.DisposeAsync();
        await Redis.DisposeAsync();
    }

    /// <summary>Runs <c>keys ... --json</c> as an operator would.</summary>
    public async Task<JsonNode> KeysAsync(params string[] arguments)
    {
        var run = await GatewayProcess.RunToExitAsync(["keys", .. arguments, "--json"], Stack.Configuration.ToJsonString());
        Assert.True(run.ExitCode == 0, run.Output);
        return JsonNode.Parse(run.Output)!;
    }

    public async Task<(string Id, string Key)> NewKeyAsync(params string[] arguments)
    {
        var made = await KeysAsync(["create", "--org", "acme", .. arguments]);
        return ((string)made["id"]!, (string)made["key"]!);
    }

    private static void Configure(JsonObject configuration)
    {
        configuration["Gateway"]!["RateLimits"] = new JsonObject { ["failures"] = new JsonObject { ["Limit"] = 10_000, ["Window"] = "00:01:00", ["By"] = "ip" } };
        BearerServers.AddRoute(configuration, "keyed", "/keyed/{org}/{**rest}", ("Credentials", "apikey"), ("Token", "organization"));
        BearerServers.AddRoute(configuration, "write", "/write/{org}/{**rest}", ("Credentials", "apikey"), ("Permissions", "document:write"));
        BearerServers.AddRoute(configuration, "either", "/either/{org}/{**rest}", ("Credentials", "session, apikey"), ("Token", "user"));
    }
}
