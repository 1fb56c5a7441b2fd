using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Fuzz;

/// <summary>What some targets need, started when the first of them begins.</summary>
public sealed class FuzzServers : IAsyncLifetime
{
    internal Lazy<InProcessGateway> Gateway { get; } = new(() => InProcessGateway.StartAsync().GetAwaiter().GetResult());

    internal Lazy<WireServers> Wire { get; } = new(() => WireServers.StartAsync().GetAwaiter().GetResult());

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (Gateway.IsValueCreated)
            await Gateway.Value.DisposeAsync();
        if (Wire.IsValueCreated)
            await Wire.Value.DisposeAsync();
    }
}
