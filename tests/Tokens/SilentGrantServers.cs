using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Tokens;

/// <summary>Two replicas over one Redis whose provider, the demo's own, gives each organization a grant of its own.</summary>
public sealed class SilentGrantServers : IAsyncLifetime
{
    private readonly RedisServer _redis = new();
    private GatewayStack? _stack;

    public GatewayStack Stack => _stack!;

    public Uri Provider => new(Stack.Provider.Issuer);

    public GatewayProcess Replica { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _redis.InitializeAsync();
        _stack = await GatewayStack.StartAsync(new()
        {
            Redis = _redis,
            Configure = (_, configuration) =>
            {
                var provider = configuration["Gateway"]!["IdentityProviders"]!["main"]!;
                provider["Mint"] = new JsonObject { ["Strategy"] = "silentAuthorize" };
                provider["Authorize"] = new JsonObject { ["Parameter"] = "organization" };
            },
        });
        Replica = await _stack.StartReplicaAsync();
    }

    public async Task DisposeAsync()
    {
        await Stack.DisposeAsync();
        await _redis.DisposeAsync();
    }
}
