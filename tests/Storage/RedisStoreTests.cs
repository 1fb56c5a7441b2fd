using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Storage;

public sealed class RedisStoreTests(RedisServer redis) : StoreContract, IClassFixture<RedisServer>
{
    protected override DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Keys_and_channels_stand_under_the_prefix_of_their_environment()
    {
        await using var other = await RedisStore.ConnectAsync(new StoreOptions { Redis = redis.Configuration, KeyPrefix = "staging" }, NullLogger.Instance);
        var key = StoreKey.Of("prefix", "one");
        await other.PutAsync(key, [1], Now.AddMinutes(5), default);
        Assert.Equal(StoreStatus.Missing, (await Store.ReadAsync(key, default)).Status);
        Assert.Contains("staging:" + key, (await redis.DumpAllAsync()).Keys);
    }

    [Fact]
    public async Task Every_value_ends_by_itself()
    {
        await Store.CreateAsync(StoreKey.Of("ends", "created"), [1], Now.AddMinutes(5), default);
        await Store.PutAsync(StoreKey.Of("ends", "put"), [1], Now.AddMinutes(5), default);
        await Store.ReplaceAsync(StoreKey.Of("ends", "put"), [1], [2], Now.AddMinutes(5), default);
        await Store.LeaseAsync(StoreKey.Of("ends", "lease"), "owner", TimeSpan.FromMinutes(5), default);
        foreach (var name in (string[])["created", "put", "lease"])
            Assert.InRange((long)(await redis.AskAsync("PTTL", "orggw:" + StoreKey.Of("ends", name)))!, 200_000, 300_000);
    }

    [Fact]
    public async Task A_caller_who_goes_away_gets_its_cancellation_and_the_store_stays_available()
    {
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.ReadAsync(StoreKey.Of("gone"), gone.Token));
        Assert.True(Store.IsAvailable);
    }

    [Fact]
    public async Task What_Redis_refuses_is_an_outage_and_no_exception()
    {
        var key = StoreKey.Of("refused", "list");
        await redis.AskAsync("RPUSH", "orggw:" + key, "not a string");
        Assert.Equal(StoreStatus.Unavailable, (await Store.ReadAsync(key, default)).Status);
        Assert.Equal(StoreWrite.Unavailable, await Store.ReplaceAsync(key, [1], [2], Now.AddMinutes(5), default));
        Assert.Equal(StoreStatus.Missing, (await Store.ReadAsync(StoreKey.Of("refused", "other"), default)).Status);
        Assert.True(Store.IsAvailable);
    }

    [Fact]
    public async Task No_part_of_a_key_stands_in_Redis()
    {
        await Store.PutAsync(StoreKey.Of("plain", "ada@example.com", "secret-part"), [1], Now.AddMinutes(5), default);
        var keys = string.Join('\n', (await redis.DumpAllAsync()).Keys);
        Assert.DoesNotContain("ada", keys, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-part", keys, StringComparison.Ordinal);
        Assert.Equal(keys, Encoding.ASCII.GetString(Encoding.ASCII.GetBytes(keys)));
    }

    protected override async Task<IStore> OpenAsync() => await RedisStore.ConnectAsync(new StoreOptions { Redis = redis.Configuration }, NullLogger.Instance);

    protected override async Task PassAsync(TimeSpan time) => await Task.Delay(time);
}
