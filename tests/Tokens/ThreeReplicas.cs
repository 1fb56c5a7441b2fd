using System.Diagnostics;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Tokens;

/// <summary>Three gateway processes over one Redis; access tokens live for seconds and are refreshed when they have expired.</summary>
public sealed class ThreeReplicas : IAsyncLifetime
{
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(8);
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
            AccessTokenLifetime = Life,
            Configure = (_, configuration) =>
            {
                configuration["Gateway"]!["IdentityProviders"]!["main"]!["RefreshBefore"] = "00:00:00";
                configuration["Gateway"]!["IdentityProviders"]!["main"]!["BackchannelTimeout"] = "00:00:20";
                var routes = configuration["ReverseProxy"]!["Routes"]!;
                routes["fresh"] = Route("/fresh/{org}/{**rest}", ("Token", "user"), ("Roles", "admin"), ("MaxClaimAge", "00:00:05"));
                routes["lenient"] = Route("/lenient/{org}/{**rest}", ("WhenProviderIsDown", "serve"));
            },
        });
        Gateways = [_stack.Gateway, await _stack.StartReplicaAsync(), await _stack.StartReplicaAsync()];
    }

    public async Task DisposeAsync()
    {
        await Stack.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private static JsonObject Route(string path, params (string Name, string Value)[] metadata) => new()
    {
        ["ClusterId"] = "app",
        ["Match"] = new JsonObject { ["Path"] = path },
        ["Metadata"] = new JsonObject(metadata.Select(m => KeyValuePair.Create(m.Name, (JsonNode?)m.Value))),
    };

    public static Task UntilExpiredAsync()
    {
        var began = Stopwatch.GetTimestamp();
        return Wait.UntilAsync(() => Stopwatch.GetElapsedTime(began) > Life, Life * 2, "the tokens expire");
    }
}
