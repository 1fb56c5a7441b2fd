using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Tokens;

/// <summary>Two replicas whose provider gives a token for one organization on the session's refresh token, over one Redis.</summary>
public sealed class OrganizationGrantServers : IAsyncLifetime
{
    private readonly RedisServer _redis = new();
    private GatewayStack? _stack;

    public GatewayStack Stack => _stack!;

    public IReadOnlyList<GatewayProcess> Gateways { get; private set; } = [];

    public async Task InitializeAsync()
    {
        await _redis.InitializeAsync();
        _stack = await GatewayStack.StartAsync(new()
        {
            Redis = _redis,
            Configure = (_, configuration) =>
            {
                configuration["Gateway"]!["IdentityProviders"]!["main"]!["Mint"] = new JsonObject
                {
                    ["Strategy"] = "refreshParam",
                    ["RequireReauthOn"] = new JsonArray("sso_required"),
                };
                var routes = configuration["ReverseProxy"]!["Routes"]!;
                routes["billing"] = Route("/billing/{org}/{**rest}", "exchange:billing-api");
                routes["ledger"] = Route("/ledger/{org}/{**rest}", "exchange:ledger|api");
                routes["mine"] = new JsonObject
                {
                    ["ClusterId"] = "app",
                    ["Match"] = new JsonObject { ["Path"] = "/mine" },
                    ["Metadata"] = new JsonObject { ["Org"] = "none", ["Token"] = "exchange:billing-api" },
                };
            },
        });
        Gateways = [_stack.Gateway, await _stack.StartReplicaAsync()];
    }

    public async Task DisposeAsync()
    {
        await Stack.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private static JsonObject Route(string path, string token) => new()
    {
        ["ClusterId"] = "app",
        ["Match"] = new JsonObject { ["Path"] = path },
        ["Metadata"] = new JsonObject { ["Token"] = token },
    };
}
