using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Revocation;
using OrgGateway.Sealing;
using OrgGateway.Sessions;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sockets;

/// <summary>Three gateways over one Redis, and a fourth party that revokes as any of them does.</summary>
public sealed class SocketReplicas : IAsyncLifetime
{
    private static readonly KeyRing Ring = new([new SealingKey("k1", DemoConfiguration.Secret)]);
    private RedisStore? _store;
    private GatewayStack? _stack;

    public RedisServer Redis { get; } = new();

    public GatewayStack Stack => _stack!;

    public IReadOnlyList<GatewayProcess> All { get; private set; } = [];

    public Revocations Revocations { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Redis.InitializeAsync();
        _stack = await GatewayStack.StartAsync(new()
        {
            Redis = Redis,
            Configure = (_, configuration) => configuration["Gateway"]!["Sockets"] = new JsonObject { ["RecheckEvery"] = "00:00:01" },
        });
        All = [Stack.Gateway, await Stack.StartReplicaAsync(), await Stack.StartReplicaAsync()];
        _store = await RedisStore.ConnectAsync(new() { Kind = StoreKind.Redis, Redis = Redis.Configuration }, NullLogger<RedisStore>.Instance);
        Revocations = new(_store, Ring, [], TimeProvider.System, NullLogger<Revocations>.Instance);
    }

    /// <summary>Writes another absolute end into a stored session.</summary>
    public async Task EndAsync(string cookie, DateTimeOffset ends)
    {
        Assert.True(SessionId.TryOf(cookie, out var id));
        var hash = new byte[32];
        id.CopyTo(hash);
        var records = new Sealed<SessionRecord>(_store!, Ring, SessionJson.Default.SessionRecord, "session");
        var stored = (await records.ReadAsync(records.KeyOfHash(hash), CancellationToken.None)).Value!;
        Assert.Equal(StoreWrite.Done, await records.ReplaceAsync(records.KeyOfHash(hash), stored.Version, stored.Value with { Ends = ends }, ends + TimeSpan.FromMinutes(1), CancellationToken.None));
    }

    public async Task DisposeAsync()
    {
        await Stack.DisposeAsync();
        if (_store is not null)
            await _store.DisposeAsync();
        await Redis.DisposeAsync();
    }
}
