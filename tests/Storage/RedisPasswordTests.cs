using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Storage;

public sealed class RedisPasswordTests : IAsyncLifetime
{
    private const string Right = "right-password-4711";
    private const string Wrong = "wrong-password-4712";
    private static readonly StoreKey Key = StoreKey.Of("password", "one");
    private readonly RedisServer _redis = new() { Password = Right };

    public Task InitializeAsync() => _redis.InitializeAsync();

    public Task DisposeAsync() => _redis.DisposeAsync();

    [Theory]
    [InlineData("127.0.0.1:{0},password=" + Right)]
    [InlineData("redis://:" + Right + "@127.0.0.1:{0}")]
    [InlineData("redis://default:" + Right + "@127.0.0.1:{0}/1")]
    public async Task The_password_of_the_address_is_given(string address)
    {
        await using var store = await RedisStore.ConnectAsync(new StoreOptions { Redis = Address(address) }, new RecordedLog());
        Assert.Equal(StoreStatus.Missing, (await store.ReadAsync(Key, default)).Status);
    }

    [Theory]
    [InlineData("127.0.0.1:{0},password=" + Wrong)]
    [InlineData("redis://:" + Wrong + "@127.0.0.1:{0}")]
    public async Task A_wrong_password_is_an_outage_and_stands_in_no_log_and_no_exception(string address)
    {
        var log = new RecordedLog();
        var thrown = new ConcurrentQueue<string>();
        void Keep(object? sender, FirstChanceExceptionEventArgs args) => thrown.Enqueue(args.Exception.ToString());
        AppDomain.CurrentDomain.FirstChanceException += Keep;
        try
        {
            await using var store = await RedisStore.ConnectAsync(new StoreOptions { Redis = Address(address), Timeout = TimeSpan.FromMilliseconds(200) }, log);
            store.Subscribe("password", _ => { });
            Assert.Equal(StoreStatus.Unavailable, (await store.ReadAsync(Key, default)).Status);
            Assert.Equal(StoreWrite.Unavailable, await store.PublishAsync("password", [1], default));
            Assert.False(store.IsAvailable);
            await _redis.KillAsync();
            Assert.Equal(StoreStatus.Unavailable, (await store.ReadAsync(Key, default)).Status);
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Keep;
        }
        Assert.NotEmpty(log.Messages);
        Assert.NotEmpty(thrown);
        Assert.DoesNotContain(log.Messages.Concat(thrown), text => text.Contains(Wrong, StringComparison.Ordinal));
    }

    private string Address(string address) => address.Replace("{0}", $"{_redis.Port}", StringComparison.Ordinal);
}
