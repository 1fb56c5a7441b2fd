using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Storage;

public sealed class SealedInRedisTests(RedisServer redis) : SealedContract, IClassFixture<RedisServer>
{
    protected override async Task<IStore> OpenAsync() => await RedisStore.ConnectAsync(new StoreOptions { Redis = redis.Configuration }, NullLogger.Instance);
}
