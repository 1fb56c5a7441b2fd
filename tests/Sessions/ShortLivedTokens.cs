using System.Diagnostics;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sessions;

/// <summary>
/// Servers whose access tokens live for seconds. The first gateway refreshes once they have expired, never before; the other one
/// a little before, as it does unless told otherwise.
/// </summary>
public abstract class ShortLivedTokens : IAsyncLifetime
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(4);
    private GatewayStack? _stack;
    private GatewayProcess? _early;

    public GatewayStack Stack => _stack!;

    public GatewayProcess EarlyGateway => _early!;

    protected virtual RedisServer? Redis => null;

    public async Task InitializeAsync()
    {
        if (Redis is not null)
            await Redis.InitializeAsync();
        _stack = await GatewayStack.StartAsync(new()
        {
            Redis = Redis,
            AccessTokenLifetime = Life,
            Configure = (_, configuration) =>
            {
                configuration["Gateway"]!["IdentityProviders"]!["main"]!["RefreshBefore"] = "00:00:00";
                configuration["Gateway"]!["IdentityProviders"]!["main"]!["BackchannelTimeout"] = "00:00:03";
            },
        });
        var early = DemoConfiguration.Elsewhere(Stack.Configuration);
        early["Gateway"]!["IdentityProviders"]!["main"]!.AsObject().Remove("RefreshBefore");
        _early = await Stack.StartGatewayAsync(early);
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
