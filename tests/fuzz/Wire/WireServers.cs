using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Fuzz;

/// <summary>A gateway as a process, its upstream, and somebody who is signed in.</summary>
internal sealed class WireServers : IAsyncDisposable
{
    private WireServers(GatewayStack stack, string session) => (Stack, Session) = (stack, session);

    public GatewayStack Stack { get; }

    /// <summary>The value of alice's session cookie.</summary>
    public string Session { get; private set; }

    public static async Task<WireServers> StartAsync()
    {
        var stack = await GatewayStack.StartAsync(new()
        {
            AccessTokenLifetime = TimeSpan.FromHours(2),
            Configure = (stack, configuration) => FuzzConfiguration.AddInlets(configuration, stack.Provider.Issuer),
        });
        var servers = new WireServers(stack, "");
        await servers.SignInAsync();
        return servers;
    }

    /// <summary>Once more, where an input has signed out.</summary>
    public async Task SignInAsync()
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        Session = Stack.SessionOf(browser)!;
    }

    public ValueTask DisposeAsync() => Stack.DisposeAsync();
}
