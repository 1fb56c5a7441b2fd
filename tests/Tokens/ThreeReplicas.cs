using System.Diagnostics;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Tokens;

/// <summary>Three gateway processes over one Redis; access tokens live for seconds and are refreshed when they have expired.</summary>
public sealed class ThreeReplicas : IAsyncLifetime
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(8);
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
            },
        });
        Gateways = [_stack.Gateway, await _stack.StartReplicaAsync(), await _stack.StartReplicaAsync()];
    }

    public async Task DisposeAsync()
    {
        await Stack.DisposeAsync();
        await _redis.DisposeAsync();
    }

    public static Task UntilExpiredAsync()
    {
        var began = Stopwatch.GetTimestamp();
        return Wait.UntilAsync(() => Stopwatch.GetElapsedTime(began) > Life, Life * 2, "the tokens expire");
    }
}
