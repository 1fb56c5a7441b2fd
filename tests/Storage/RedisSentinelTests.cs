using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Storage;

/// <summary>Sentinels choose the primary, and nobody else does: not the one that was it and comes back.</summary>
public sealed class RedisSentinelTests : IAsyncLifetime
{
    private const string Service = "orggw";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly StoreKey Key = StoreKey.Of("test", "before");
    private readonly string _folder = Directory.CreateTempSubdirectory("orggateway-sentinel-").FullName;
    private readonly RedisServer _primary = new();
    private RedisServer _replica = null!;
    private RedisServer _sentinel = null!;

    private static DateTimeOffset Later => TimeProvider.System.GetUtcNow().AddMinutes(5);

    private string Address => $"127.0.0.1:{_sentinel.Port},serviceName={Service}";

    public async Task InitializeAsync()
    {
        await _primary.InitializeAsync();
        _replica = new RedisServer { Arguments = ["--replicaof", "127.0.0.1", $"{_primary.Port}"] };
        await _replica.InitializeAsync();
        var file = Path.Combine(_folder, "sentinel.conf");
        await File.WriteAllTextAsync(file, $"sentinel monitor {Service} 127.0.0.1 {_primary.Port} 1\nsentinel down-after-milliseconds {Service} 1000\nsentinel failover-timeout {Service} 5000\n");
        _sentinel = new RedisServer { SentinelFile = file };
        await _sentinel.InitializeAsync();
        await Wait.UntilAsync(async () => await _sentinel.AskAsync("SENTINEL", "REPLICAS", Service) is List<object?> { Count: 1 }, Bound, "the sentinel knows the replica");
    }

    public async Task DisposeAsync()
    {
        await _sentinel.DisposeAsync();
        await _replica.DisposeAsync();
        await _primary.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_replica_that_sentinels_promote_goes_on_and_the_old_primary_that_comes_back_is_asked_nothing()
    {
        await using var store = await RedisStore.ConnectAsync(new StoreOptions { Redis = Address }, NullLogger.Instance);
        await store.PutAsync(Key, [1, 2, 3], Later, default);
        await Wait.UntilAsync(async () => (await _replica.DumpAllAsync()).Count > 0, Bound, "the replica has it");

        await _primary.KillAsync();
        var after = StoreKey.Of("test", "after");
        await Wait.UntilAsync(async () => await store.PutAsync(after, [4], Later, default) == StoreWrite.Done, Bound, "the promoted one is written to");
        Assert.Equal([1, 2, 3], (await store.ReadAsync(Key, default)).Value!);
        await Wait.UntilAsync(() => store.ListeningSince != long.MaxValue, Bound, "messages come in again");
        var heard = 0;
        store.Subscribe("after", _ => Interlocked.Increment(ref heard));
        await Wait.UntilAsync(async () => await store.PublishAsync("after", [1], default) == StoreWrite.Done && heard > 0, Bound, "a message is heard");

        // It says that it is the primary, has nothing, and no sentinel is there to tell it otherwise.
        await _sentinel.KillAsync();
        await _primary.StartAgainAsync();
        while (await UpForAsync(_primary) < 5)
        {
            Assert.Equal([1, 2, 3], (await store.ReadAsync(Key, default)).Value!);
            Assert.Equal([4], (await store.ReadAsync(after, default)).Value!);
            Assert.Equal(StoreWrite.Done, await store.PutAsync(Key, [1, 2, 3], Later, default));
        }
        Assert.DoesNotContain("name=orggateway", await ClientsAsync(_primary), StringComparison.Ordinal);
        Assert.Empty(await _primary.DumpAllAsync());
    }

    [Fact]
    public async Task Connections_to_a_living_server_that_is_the_primary_no_longer_are_cut()
    {
        await using var store = await RedisStore.ConnectAsync(new StoreOptions { Redis = Address }, NullLogger.Instance);
        store.Subscribe("channel", _ => { });
        Assert.Equal(StoreWrite.Done, await store.PutAsync(Key, [1], Later, default));
        Assert.Contains("name=orggateway", await ClientsAsync(_primary), StringComparison.Ordinal);

        // As behind a network that has come apart: the sentinels are on the other side, and nobody tells the old primary.
        await _sentinel.AskAsync("SENTINEL", "REMOVE", Service);
        await _replica.AskAsync("REPLICAOF", "NO", "ONE");
        await _sentinel.AskAsync("SENTINEL", "MONITOR", Service, "127.0.0.1", _replica.Port.ToString(CultureInfo.InvariantCulture), "1");

        await Wait.UntilAsync(async () => !(await ClientsAsync(_primary)).Contains("name=orggateway", StringComparison.Ordinal), Bound, "the old primary is left");
        await Wait.UntilAsync(async () => await store.PutAsync(StoreKey.Of("test", "after"), [4], Later, default) == StoreWrite.Done, Bound, "the new one is written to");
        Assert.Contains(await _replica.DumpAllAsync(), entry => entry.Value is [4]);
        await Wait.UntilAsync(() => store.ListeningSince is > 0 and < long.MaxValue, Bound, "messages come in again");
    }

    [Fact]
    public async Task Without_sentinels_there_is_no_store_and_with_them_there_is_one()
    {
        await _sentinel.KillAsync();
        await using var store = await RedisStore.ConnectAsync(new StoreOptions { Redis = Address }, NullLogger.Instance);
        Assert.Equal(StoreStatus.Unavailable, (await store.ReadAsync(Key, default)).Status);

        await _sentinel.StartAgainAsync();
        await Wait.UntilAsync(async () => await store.PutAsync(Key, [1], Later, default) == StoreWrite.Done, Bound, "it is written to");
        Assert.Equal([1], (await store.ReadAsync(Key, default)).Value!);
    }

    [Fact]
    public async Task A_frozen_sentinel_holds_up_no_connection_while_another_answers()
    {
        var frozen = new RedisServer { SentinelFile = Path.Combine(_folder, "frozen.conf") };
        await File.WriteAllTextAsync(frozen.SentinelFile, $"sentinel monitor {Service} 127.0.0.1 {_primary.Port} 1\n");
        await frozen.InitializeAsync();
        try
        {
            var patience = TimeSpan.FromSeconds(10);
            await using var store = await RedisStore.ConnectAsync(new StoreOptions { Redis = $"127.0.0.1:{frozen.Port},{Address}", Timeout = patience }, NullLogger.Instance);
            Assert.Equal(StoreWrite.Done, await store.PutAsync(Key, [1], Later, default));
            frozen.Freeze();
            await _primary.AskAsync("CLIENT", "KILL", "TYPE", "normal");
            await Wait.UntilAsync(async () => await store.PutAsync(Key, [2], Later, default) == StoreWrite.Done, patience * 0.8, "it is connected before the frozen one would be given up");
        }
        finally
        {
            frozen.Thaw();
            await frozen.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_replica_answers_nothing_itself()
    {
        await using var primary = await RedisStore.ConnectAsync(new StoreOptions { Redis = _primary.Configuration }, NullLogger.Instance);
        await primary.PutAsync(Key, [1], Later, default);
        await Wait.UntilAsync(async () => (await _replica.DumpAllAsync()).Count > 0, Bound, "the replica has it");
        await using var replica = await RedisStore.ConnectAsync(new StoreOptions { Redis = _replica.Configuration }, NullLogger.Instance);
        Assert.Equal(StoreStatus.Unavailable, (await replica.ReadAsync(Key, default)).Status);
        Assert.Equal(StoreStatus.Unavailable, (await replica.ReadAsync(StoreKey.Of("test", "unknown"), default)).Status);
    }

    [Fact]
    public async Task Over_TLS_the_certificate_must_be_that_of_the_primary_by_the_name_that_the_sentinels_give()
    {
        RedisCertificates.Write(_folder);
        var (port, sentinelPort) = (FreePort.Next(), FreePort.Next());
        var primary = new RedisServer { Arguments = ["--tls-port", $"{port}", .. RedisCertificates.Arguments(_folder)] };
        var file = Path.Combine(_folder, "tls.conf");
        await File.WriteAllTextAsync(file, $"tls-port {sentinelPort}\ntls-replication yes\nsentinel resolve-hostnames yes\nsentinel announce-hostnames yes\nsentinel monitor {Service} localhost {port} 1\n"
            + string.Concat(RedisCertificates.Arguments(_folder).Chunk(2).Select(setting => $"{setting[0][2..]} {setting[1]}\n")));
        var sentinel = new RedisServer { SentinelFile = file };
        try
        {
            await primary.InitializeAsync();
            await sentinel.InitializeAsync();
            StoreOptions At(string more) => new() { Redis = $"localhost:{sentinelPort},ssl=true,serviceName={Service}{more}", CertificateAuthorityFile = RedisCertificates.Authority(_folder), Timeout = TimeSpan.FromSeconds(3) };
            await using var store = await RedisStore.ConnectAsync(At(""), NullLogger.Instance);
            Assert.Equal(StoreWrite.Done, await store.PutAsync(Key, [1], Later, default));
            Assert.NotEmpty(await primary.DumpAllAsync());
            await using var otherwise = await RedisStore.ConnectAsync(At(",sslHost=elsewhere.test"), NullLogger.Instance);
            Assert.Equal(StoreWrite.Unavailable, await otherwise.PutAsync(Key, [1], Later, default));
        }
        finally
        {
            await sentinel.DisposeAsync();
            await primary.DisposeAsync();
        }
    }

    private static async Task<string> ClientsAsync(RedisServer server) => Encoding.UTF8.GetString((byte[])(await server.AskAsync("CLIENT", "LIST"))!);

    private static async Task<int> UpForAsync(RedisServer server)
    {
        var line = Encoding.UTF8.GetString((byte[])(await server.AskAsync("INFO", "server"))!).Split("\r\n").Single(line => line.StartsWith("uptime_in_seconds:", StringComparison.Ordinal));
        return int.Parse(line["uptime_in_seconds:".Length..], CultureInfo.InvariantCulture);
    }
}
