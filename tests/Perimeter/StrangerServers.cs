using System.Text.Json.Nodes;
using OrgGateway.Tests.Bearer;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Perimeter;

/// <summary>A gateway over Redis with a thousand organizations that nobody is a member of, and room for a thousand guesses.</summary>
public sealed class StrangerServers : IAsyncLifetime
{
    public const int Known = 1000;
    private GatewayStack? _stack;

    public RedisServer Redis { get; } = new();

    public GatewayStack Stack => _stack!;

    public async Task InitializeAsync()
    {
        await Redis.InitializeAsync();
        _stack = await GatewayStack.StartAsync(new() { Redis = Redis, Configure = (_, configuration) => Configure(configuration) });
    }

    public async Task DisposeAsync()
    {
        if (_stack is not null)
            await _stack.DisposeAsync();
        await Redis.DisposeAsync();
    }

    public async Task<string> NewKeyAsync()
    {
        var run = await GatewayProcess.RunToExitAsync(["keys", "create", "--org", "acme", "--json"], Stack.Configuration.ToJsonString());
        Assert.True(run.ExitCode == 0, run.Output);
        return (string)JsonNode.Parse(run.Output)!["key"]!;
    }

    private static void Configure(JsonObject configuration)
    {
        var gateway = configuration["Gateway"]!;
        gateway["OrganizationDirectory"] = new JsonObject { ["LookupsPerSecond"] = 10_000 };
        for (var number = 0; number < Known; number++)
            gateway["Organizations"]![$"known-{number}"] = new JsonObject { ["Id"] = $"org_known_{number}" };
        BearerServers.AddRoute(configuration, "hidden", "/hidden/{org}/{**rest}", ("HideExistence", "true"));
        BearerServers.AddRoute(configuration, "keyed", "/keyed/{org}/{**rest}", ("Credentials", "apikey"));
    }
}
