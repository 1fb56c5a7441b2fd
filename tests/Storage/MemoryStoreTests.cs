using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Storage;

public sealed class MemoryStoreTests : StoreContract
{
    private readonly FakeClock _clock = new();

    protected override DateTimeOffset Now => _clock.UtcNow;

    [Fact]
    public async Task The_sweep_removes_what_ended_and_nothing_else()
    {
        await using var store = new MemoryStore(_clock);
        await store.PutAsync(StoreKey.Of("sweep", "short"), [1], Now.AddSeconds(10), default);
        await store.PutAsync(StoreKey.Of("sweep", "long"), [2], Now.AddMinutes(10), default);
        _clock.Advance(TimeSpan.FromMinutes(2));
        // Back in time what has only ended would count again; what the sweep removed does not.
        _clock.UtcNow -= TimeSpan.FromMinutes(2);
        Assert.Equal(StoreStatus.Missing, (await store.ReadAsync(StoreKey.Of("sweep", "short"), default)).Status);
        Assert.Equal(StoreStatus.Found, (await store.ReadAsync(StoreKey.Of("sweep", "long"), default)).Status);
    }

    protected override Task<IStore> OpenAsync() => Task.FromResult<IStore>(new MemoryStore(_clock));

    protected override Task PassAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }
}
