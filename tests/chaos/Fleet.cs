using System.Text.Json;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Chaos;

/// <summary>Gateway processes behind HAProxy over a Redis that keeps its data, with a provider and an upstream.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly FleetOptions _options;
    private readonly GatewayProcess?[] _gateways;
    private readonly (int Port, int Management)[] _ports;
    private FleetUpstream? _upstream;
    private LoadBalancer? _balancer;

    private Fleet(FleetOptions options, DemoProvider provider, FleetRedis redis, int port)
    {
        (_options, Provider, Redis, Origin) = (options, provider, redis, new Uri($"http://127.0.0.1:{port}"));
        _gateways = new GatewayProcess?[options.Gateways];
        _ports = [.. Enumerable.Range(0, options.Gateways).Select(_ => (FreePort.Next(), FreePort.Next()))];
    }

    /// <summary>Where everybody comes in.</summary>
    public Uri Origin { get; }

    public DemoProvider Provider { get; }

    public FleetRedis Redis { get; }

    public int Count => _gateways.Length;

    /// <summary>Each gateway's own address, past HAProxy.</summary>
    public Uri UrlOf(int gateway) => new($"http://127.0.0.1:{_ports[gateway].Port}");

    public Uri ManagementOf(int gateway) => new($"http://127.0.0.1:{_ports[gateway].Management}");

    public LoadBalancer Balancer => _balancer!;

    public GatewayProcess Gateway(int gateway) => _gateways[gateway]!;

    public static async Task<Fleet> StartAsync(FleetOptions options)
    {
        var redis = await FleetRedis.StartAsync(options.Sentinel, options.DiskOfRedis);
        var provider = await DemoProvider.StartAsync(new() { AccessTokenLifetime = options.AccessTokenLifetime }, CancellationToken.None);
        var fleet = new Fleet(options, provider, redis, FreePort.Next());
        try
        {
            provider.Register(DemoDirectory.Gateway(fleet.Origin.GetLeftPart(UriPartial.Authority)));
            await fleet.StartUpstreamAsync();
            for (var i = 0; i < fleet.Count; i++)
                await fleet.StartGatewayAsync(i);
            fleet._balancer = await LoadBalancer.StartAsync(fleet.Origin.Port, fleet._ports);
            await fleet.ReadyAsync();
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks a gateway to end, as an orchestrator does, and starts it anew when it has.</summary>
    public async Task RestartGatewayAsync(int gateway)
    {
        var exit = await Gateway(gateway).StopAsync(Bound);
        if (exit != 0)
            throw new InvalidOperationException($"a gateway ended with {exit}: {Gateway(gateway).Output}");
        await Gateway(gateway).DisposeAsync();
        await StartGatewayAsync(gateway);
        await ReadyAsync();
    }

    /// <summary>Ends a gateway without a chance to say goodbye.</summary>
    public ValueTask KillGatewayAsync(int gateway) => Gateway(gateway).DisposeAsync();

    public async Task StartGatewayAsync(int gateway) =>
        _gateways[gateway] = await GatewayProcess.StartAsync(ConfigurationOf(gateway), _options.Environment?.Invoke(gateway));

    public async Task StartUpstreamAsync() => _upstream = await FleetUpstream.StartAsync(_upstream?.Port ?? FreePort.Next());

    public ValueTask StopUpstreamAsync() => _upstream!.DisposeAsync();

    /// <summary>As an operator makes one.</summary>
    /// <returns>Null when the store does not take it.</returns>
    public async Task<(string Id, string Key)?> NewApiKeyAsync()
    {
        var run = await GatewayProcess.RunToExitAsync(["keys", "create", "--org", "acme", "--role", "member", "--name", "chaos", "--json"], ConfigurationOf(0).ToJsonString());
        if (run.ExitCode != 0)
            return null;
        var made = JsonDocument.Parse(run.Output[run.Output.IndexOf('{', StringComparison.Ordinal)..]).RootElement;
        return (made.GetProperty("id").GetString()!, made.GetProperty("key").GetString()!);
    }

    /// <summary>Waits until every gateway is ready and HAProxy has seen it.</summary>
    public Task ReadyAsync() => Wait.UntilAsync(
        async () =>
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
            try
            {
                for (var i = 0; i < Count; i++)
                    if ((await http.GetStringAsync(new Uri(ManagementOf(i), "/health/ready"))).Length == 0)
                        return false;
                return _balancer is null || await _balancer.UpAsync() == Count;
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                return false;
            }
        },
        Bound,
        "every gateway is ready");

    public async ValueTask DisposeAsync()
    {
        if (_balancer is not null)
            await _balancer.DisposeAsync();
        foreach (var gateway in _gateways)
            if (gateway is not null)
                await gateway.DisposeAsync();
        if (_upstream is not null)
            await _upstream.DisposeAsync();
        await Provider.DisposeAsync();
        await Redis.DisposeAsync();
    }

    private System.Text.Json.Nodes.JsonObject ConfigurationOf(int gateway)
    {
        var configuration = FleetConfiguration.Of(
            Origin.GetLeftPart(UriPartial.Authority), Provider.Issuer, _upstream!.Port, Redis.Configuration, _ports[gateway].Port, _ports[gateway].Management);
        _options.Configure?.Invoke(configuration);
        return configuration;
    }
}
