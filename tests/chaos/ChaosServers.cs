using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Sealing;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Sessions;

namespace OrgGateway.Tests.Chaos;

/// <summary>Three gateways over one Redis that keeps its data, each by a network of its own; a provider and an upstream.</summary>
internal sealed class ChaosServers : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("orggateway-chaos-").FullName;
    private readonly GatewayProcess?[] _gateways = new GatewayProcess?[3];
    private readonly JsonObject[] _configurations = new JsonObject[3];

    private ChaosServers()
    {
        Redis = new RedisServer { Arguments = ["--appendonly", "yes", "--appendfsync", "always", "--dir", _folder] };
    }

    public RedisServer Redis { get; }
    public FaultProxy[] Networks { get; private set; } = [];
    public GatewayStack Stack { get; private set; } = null!;
    public Uri[] Urls { get; } = new Uri[3];

    /// <summary>Makes sessions past the faults.</summary>
    public Replica Seed { get; private set; } = null!;

    public static async Task<ChaosServers> StartAsync(TimeSpan accessTokenLifetime)
    {
        var servers = new ChaosServers();
        await servers.Redis.InitializeAsync();
        servers.Networks = [.. Enumerable.Range(0, 3).Select(_ => new FaultProxy(servers.Redis.Port))];
        servers.Stack = await GatewayStack.StartAsync(new()
        {
            Redis = servers.Redis,
            AccessTokenLifetime = accessTokenLifetime,
            Configure = (_, configuration) =>
            {
                configuration["Gateway"]!["Store"]![nameof(Redis)] = servers.AddressOf(0);
                configuration["Gateway"]!["Sessions"] = new JsonObject { ["CopyFor"] = "00:00:05" };
                configuration["Gateway"]!["IdentityProviders"]!["main"]!["BackchannelTimeout"] = "00:00:02";
            },
        });
        servers.Stack.Upstream.RecordBodies = false;
        servers.Stack.Upstream.Answer = context => context.Response.WriteAsync($"{context.Request.Headers["X-Auth-Org-Slug"]} {context.Request.Headers["X-Auth-User-Id"]}");
        (servers._configurations[0], servers._gateways[0], servers.Urls[0]) = (servers.Stack.Configuration, servers.Stack.Gateway, servers.Stack.Url);
        for (var i = 1; i < 3; i++)
        {
            var configuration = DemoConfiguration.Elsewhere(servers.Stack.Configuration);
            configuration["Gateway"]!["Store"]![nameof(Redis)] = servers.AddressOf(i);
            servers._configurations[i] = configuration;
            await servers.StartGatewayAsync(i);
        }
        var store = await RedisStore.ConnectAsync(new StoreOptions { Redis = servers.Redis.Configuration, Timeout = TimeSpan.FromSeconds(3) }, NullLogger.Instance);
        servers.Seed = new Replica(store, new FakeClock(realTimers: true) { UtcNow = TimeProvider.System.GetUtcNow() }, [new SealingKey("k1", DemoConfiguration.Secret)]);
        return servers;
    }

    /// <summary>The first answers for the public origin and is never stopped.</summary>
    public async Task StopGatewayAsync(int i, bool kill)
    {
        if (!kill)
            await _gateways[i]!.StopAsync();
        await _gateways[i]!.DisposeAsync();
    }

    public async Task StartGatewayAsync(int i)
    {
        _gateways[i] = await GatewayProcess.StartAsync(_configurations[i]);
        Urls[i] = _gateways[i]!.Url;
    }

    public Task ReadyAsync() => Wait.UntilAsync(
        async () =>
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
            foreach (var gateway in _gateways)
            {
                try
                {
                    using var answer = await http.GetAsync(new Uri(gateway!.ManagementUrl, "/health/ready"));
                    if (!answer.IsSuccessStatusCode)
                        return false;
                }
                catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
                {
                    return false;
                }
            }
            return true;
        },
        Bound,
        "every gateway is ready");

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways.Skip(1))
            if (gateway is not null)
                await gateway.DisposeAsync();
        if (Seed is not null)
            await Seed.DisposeAsync();
        if (Stack is not null)
            await Stack.DisposeAsync();
        foreach (var network in Networks)
            await network.DisposeAsync();
        await Redis.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string AddressOf(int i) => $"127.0.0.1:{Networks[i].Port}";
}
