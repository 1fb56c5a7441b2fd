using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Storage;

/// <summary>Redis as it is run in earnest: TLS by a private authority, a user of an ACL, and networks that break.</summary>
public sealed class RedisForRealTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("orggateway-redis-").FullName;
    private readonly StoreKey _key = StoreKey.Of("test", RandomNumberGenerator.GetHexString(16));

    private static DateTimeOffset Later => TimeProvider.System.GetUtcNow().AddMinutes(5);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Everything_works_over_TLS_as_a_user_that_may_do_what_is_documented_and_no_more()
    {
        var port = FreePort.Next();
        RedisCertificates.Write(_folder);
        await File.WriteAllTextAsync(PathOf("password"), "a password: in, a file\n");
        var redis = new RedisServer
        {
            Arguments =
            [
                "--tls-port", $"{port}", .. RedisCertificates.Arguments(_folder),
                "--user", "default", "on", "nopass", "-@all", "+ping", "--user", "gateway", "on", "#" + Convert.ToHexStringLower(SHA256.HashData("a password: in, a file"u8)), "~orggw:*", "&orggw:*",
                "+@read", "+@write", "+@scripting", "+@pubsub", "+@connection", "+info", "+time", "+config|get", "+cluster",
            ],
        };
        await redis.InitializeAsync();
        try
        {
            var options = new StoreOptions { Redis = $"localhost:{port},ssl=true,user=gateway", PasswordFile = PathOf("password"), CertificateAuthorityFile = PathOf("ca.pem"), Timeout = TimeSpan.FromSeconds(3) };
            await using (var store = await RedisStore.ConnectAsync(options, NullLogger.Instance))
                await UseAsync(store);

            // Without trust in the authority, or with another password, there is no store, and no exception.
            await using (var untrusting = await RedisStore.ConnectAsync(With(options, authority: null), NullLogger.Instance))
                Assert.Equal(StoreWrite.Unavailable, await untrusting.PutAsync(_key, [1], Later, default));
            await File.WriteAllTextAsync(PathOf("password"), "another");
            await using (var stranger = await RedisStore.ConnectAsync(options, NullLogger.Instance))
                Assert.Equal(StoreWrite.Unavailable, await stranger.PutAsync(_key, [1], Later, default));
        }
        finally
        {
            await redis.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(Fault.Cut)]
    [InlineData(Fault.Stall)]
    [InlineData(Fault.HalfOpen)]
    [Trait("Row", "T143")]
    public async Task A_network_that_breaks_in_any_way_is_an_answer_in_time_and_heals_by_itself(Fault fault)
    {
        var redis = new RedisServer();
        await redis.InitializeAsync();
        try
        {
            await using var network = new FaultProxy(redis.Port);
            await using var store = await RedisStore.ConnectAsync(new StoreOptions { Redis = $"127.0.0.1:{network.Port}", Timeout = TimeSpan.FromMilliseconds(500) }, NullLogger.Instance);
            store.Subscribe("channel", _ => { });
            await Wait.UntilAsync(() => store.ListeningSince == 0, Bound, "it listens");
            await Wait.UntilAsync(async () => await store.PutAsync(_key, [7], Later, default) == StoreWrite.Done, Bound, "it is written to"); // on a busy machine half a second is short

            network.Set(fault);
            var began = System.Diagnostics.Stopwatch.GetTimestamp();
            Assert.Equal(StoreStatus.Unavailable, (await store.ReadAsync(_key, default)).Status);
            Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(5));
            await Wait.UntilAsync(() => store.ListeningSince == long.MaxValue, Bound, "it knows that messages may be missed");
            network.Set(Fault.None); // of a half-open connection no byte ever comes again; new ones work
            await Wait.UntilAsync(async () => (await store.ReadAsync(_key, default)).Value is [7], Bound, "it reads again");
            await Wait.UntilAsync(() => store.ListeningSince != long.MaxValue, Bound, "messages come in again");
            Assert.True(store.ListeningSince > 0);
        }
        finally
        {
            await redis.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_slow_network_is_slow_and_nothing_else()
    {
        var redis = new RedisServer();
        await redis.InitializeAsync();
        try
        {
            await using var network = new FaultProxy(redis.Port) { Delay = TimeSpan.FromMilliseconds(100) };
            network.Set(Fault.Slow);
            await using var store = await RedisStore.ConnectAsync(new StoreOptions { Redis = $"127.0.0.1:{network.Port}", Timeout = TimeSpan.FromSeconds(3) }, NullLogger.Instance);
            await UseAsync(store);
        }
        finally
        {
            await redis.DisposeAsync();
        }
    }

    private static async Task UseAsync(RedisStore store)
    {
        var (key, index) = (StoreKey.Of("test", RandomNumberGenerator.GetHexString(16)), StoreKey.Of("index", RandomNumberGenerator.GetHexString(16)));
        Assert.Equal(StoreWrite.Done, await store.CreateAsync(key, [1], Later, default));
        Assert.Equal(StoreWrite.Done, await store.ReplaceAsync(key, [1], [2], Later, default));
        Assert.Equal(StoreWrite.Done, await store.ExtendAsync(key, Later, default));
        Assert.Equal([2], (await store.ReadAsync(key, default)).Value!);
        Assert.Equal([2], (await store.TakeAsync(key, default)).Value!);
        Assert.Equal(StoreWrite.Refused, await store.RemoveAsync(key, default));
        Assert.Equal(StoreWrite.Done, await store.LeaseAsync(key, "me", TimeSpan.FromSeconds(5), default));
        Assert.Equal(StoreWrite.Done, await store.ReleaseAsync(key, "me", default));
        Assert.Equal(StoreWrite.Done, await store.AddToIndexAsync(index, "member", Later, default));
        Assert.Equal(1, await store.CountIndexAsync(index, default));
        Assert.Single((await store.ReadIndexPageAsync(index, 0, 10, default)).Value!);
        Assert.Equal(["member"], (await store.ReadIndexAsync(index, 10, default)).Value!);
        Assert.Equal(StoreWrite.Done, await store.RemoveFromIndexAsync(index, "member", default));
        Assert.True((await store.UseWindowAsync(StoreKey.Of("window", key.Name), new WindowUse(Limit: 1, Window: TimeSpan.FromMinutes(1), Cost: 1, Sliding: true), default)).Allowed);
        Assert.Equal(StoreWrite.TooLarge, await store.PutAsync(key, new byte[StoreOptions.LargestValue + 1], Later, default));
        var heard = 0;
        store.Subscribe("channel-" + key.Name, _ => Interlocked.Increment(ref heard));
        await Wait.UntilAsync(async () => await store.PublishAsync("channel-" + key.Name, [1], default) == StoreWrite.Done && Volatile.Read(ref heard) > 0, Bound, "a message is heard");
    }

    private static StoreOptions With(StoreOptions options, string? authority) =>
        new() { Redis = options.Redis, PasswordFile = options.PasswordFile, CertificateAuthorityFile = authority, Timeout = options.Timeout };

    private string PathOf(string file) => Path.Combine(_folder, file);
}
