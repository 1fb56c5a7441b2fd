namespace OrgGateway.Tests.Servers;

/// <summary>The demo over a Redis of its own.</summary>
public sealed class DemoServersOnRedis : IAsyncLifetime
{
    private GatewayStack? _stack;

    public RedisServer Redis { get; } = new();

    public GatewayStack Stack => _stack!;

    public async Task InitializeAsync()
    {
        await Redis.InitializeAsync();
        _stack = await GatewayStack.StartAsync(new() { Redis = Redis });
    }

    public async Task DisposeAsync()
    {
        await Stack.DisposeAsync();
        await Redis.DisposeAsync();
    }
}
