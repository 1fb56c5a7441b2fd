namespace OrgGateway.Tests.Servers;

/// <summary>The demo as it is, sessions in memory; started once for a class of tests.</summary>
public sealed class DemoServers : IAsyncLifetime
{
    private GatewayStack? _stack;

    public GatewayStack Stack => _stack!;

    public async Task InitializeAsync() => _stack = await GatewayStack.StartAsync(new());

    public async Task DisposeAsync() => await Stack.DisposeAsync();
}
