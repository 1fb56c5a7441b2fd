using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Chaos;

/// <summary>Redis as we recommend it: append-only and without evictions; where wanted with a replica and a sentinel.</summary>
internal sealed class FleetRedis : IAsyncDisposable
{
    private const string Service = "orggw";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly List<RedisServer> _servers = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("orggateway-redis-").FullName;
    private RedisServer? _sentinel;

    private FleetRedis()
    {
    }

    /// <summary>For <c>Gateway:Store:Redis</c>.</summary>
    public string Configuration => _sentinel is null ? _servers[0].Configuration : $"{_sentinel.Configuration},serviceName={Service}";

    /// <summary>The one to write to; after a failover another one.</summary>
    public RedisServer Primary { get; private set; } = null!;

    public static async Task<FleetRedis> StartAsync(bool sentinel, int? diskMiB)
    {
        var redis = new FleetRedis();
        try
        {
            redis.Primary = await redis.StartServerAsync("a", diskMiB);
            if (sentinel)
                await redis.StartSentinelAsync();
            return redis;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the primary, waits for the sentinel's choice, and starts the killed one again, which then follows.</summary>
    public async Task FailOverAsync()
    {
        var dead = Primary;
        await dead.KillAsync();
        await PromotedAsync(dead);
        await dead.StartAgainAsync();
        await FollowsAsync();
    }

    /// <summary>As an operator does before work on the primary's machine: what it would still take is lost.</summary>
    public async Task SwitchOverAsync()
    {
        var before = Primary;
        await before.AskAsync("CLIENT", "PAUSE", "5000", "WRITE");
        await _sentinel!.AskAsync("SENTINEL", "FAILOVER", Service);
        await PromotedAsync(before);
        await FollowsAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_sentinel is not null)
            await _sentinel.DisposeAsync();
        foreach (var server in _servers)
            await server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<RedisServer> StartServerAsync(string name, int? diskMiB, params string[] arguments)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        var server = new RedisServer
        {
            Arguments = ["--dir", folder, "--appendonly", "yes", "--maxmemory-policy", "noeviction", .. arguments],
            Disk = diskMiB is { } size ? (folder, size) : null,
        };
        _servers.Add(server);
        await server.InitializeAsync();
        return server;
    }

    private async Task StartSentinelAsync()
    {
        await StartServerAsync("b", null, "--replicaof", "127.0.0.1", $"{Primary.Port}");
        var file = Path.Combine(_folder, "sentinel.conf");
        await File.WriteAllTextAsync(file, $"sentinel monitor {Service} 127.0.0.1 {Primary.Port} 1\nsentinel down-after-milliseconds {Service} 2000\nsentinel failover-timeout {Service} 5000\n");
        _sentinel = new RedisServer { SentinelFile = file };
        await _sentinel.InitializeAsync();
        await FollowsAsync();
    }

    private async Task PromotedAsync(RedisServer before)
    {
        Primary = _servers.Single(server => server != before);
        await Wait.UntilAsync(async () => await RoleAsync(Primary) == "master", Bound, "the sentinel promotes the replica");
    }

    private Task FollowsAsync() => Wait.UntilAsync(
        async () =>
        {
            var replica = _servers.Single(server => server != Primary);
            return await AskAsync(replica, "INFO", "replication") is byte[] info && System.Text.Encoding.ASCII.GetString(info).Contains("master_link_status:up", StringComparison.Ordinal);
        },
        Bound,
        "the replica follows");

    // A server whose part changes hangs up on whoever is asking at that moment: it has said nothing yet.
    private static async Task<object?> AskAsync(RedisServer server, params string[] words)
    {
        try
        {
            return await server.AskAsync(words);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task<string?> RoleAsync(RedisServer server) =>
        await AskAsync(server, "ROLE") is List<object?> { Count: > 0 } role && role[0] is byte[] name ? System.Text.Encoding.ASCII.GetString(name) : null;
}
