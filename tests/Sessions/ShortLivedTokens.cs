using System.Diagnostics;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sessions;

/// <summary>Servers whose access tokens live for seconds and are refreshed once they have expired, never before.</summary>
public abstract class ShortLivedTokens : IAsyncLifetime
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(4);
    private GatewayStack? _stack;

    public GatewayStack Stack => _stack!;

    protected virtual RedisServer? Redis => null;

    public async Task InitializeAsync()
    {
        if (Redis is not null)
            await Redis.InitializeAsync();
        _stack = await GatewayStack.StartAsync(new()
        {
            Redis = Redis,
            AccessTokenLifetime = Life,
            Configure = (_, configuration) => configuration["Gateway"]!["IdentityProviders"]!["main"]!["RefreshBefore"] = "00:00:00",
        });
    }

    public async Task DisposeAsync()
    {
        await Stack.DisposeAsync();
        if (Redis is not null)
            await Redis.DisposeAsync();
    }

    /// <summary>Until every token that was had before the call has expired.</summary>
    public static Task UntilExpiredAsync()
    {
        var began = Stopwatch.GetTimestamp();
        return Wait.UntilAsync(() => Stopwatch.GetElapsedTime(began) > Life, Life + Life, "the tokens expire");
    }
}

public sealed class ShortLivedTokensInMemory : ShortLivedTokens;

public sealed class ShortLivedTokensOnRedis : ShortLivedTokens
{
    protected override RedisServer Redis { get; } = new();
}
