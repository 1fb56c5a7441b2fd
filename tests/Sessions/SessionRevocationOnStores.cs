using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sessions;

public sealed class SessionRevocationInMemoryTests : SessionRevocationContract
{
    private MemoryStore? _store;

    internal override Task<IStore> OpenAsync() => Task.FromResult<IStore>(_store ??= new MemoryStore(Clock));
}

public sealed class SessionRevocationInRedisTests(RedisServer redis) : SessionRevocationContract, IClassFixture<RedisServer>
{
    internal override async Task<IStore> OpenAsync() =>
        await RedisStore.ConnectAsync(new StoreOptions { Redis = redis.Configuration, Timeout = TimeSpan.FromSeconds(3) }, NullLogger.Instance);
}
