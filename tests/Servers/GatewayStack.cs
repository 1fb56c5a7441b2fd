using System.Text.Json.Nodes;
using OrgGateway.Demo.IdentityProvider;

namespace OrgGateway.Tests.Servers;

/// <summary>How a <see cref="GatewayStack"/> differs from the demo.</summary>
public sealed record GatewayStackOptions
{
    /// <summary>The store, where it is Redis; null for the one in memory.</summary>
    public RedisServer? Redis { get; init; }

    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Changes the configuration; the stack has its provider and upstream by then.</summary>
    public Action<GatewayStack, JsonObject>? Configure { get; init; }

    /// <summary>Done to the provider before the gateway starts.</summary>
    public Action<DemoProvider>? Prepare { get; init; }
}

/// <summary>The demo's configuration on free ports: its provider, an echoing upstream and the gateway as a process.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1711", Justification = "A stack of servers, as everybody calls it.")]
public sealed class GatewayStack : IAsyncDisposable
{
    private readonly List<GatewayProcess> _gateways = [];
    private GatewayProcess? _gateway;

    private GatewayStack(Uri url, DemoProvider provider) => (Url, Provider) = (url, provider);

    /// <summary>Where browsers find the gateway: its public origin.</summary>
    public Uri Url { get; }

    public string Origin => Url.GetLeftPart(UriPartial.Authority);

    public DemoProvider Provider { get; }

    public EchoUpstream Upstream { get; } = new();

    public JsonObject Configuration { get; private set; } = [];

    public GatewayProcess Gateway => _gateway!;

    public static async Task<GatewayStack> StartAsync(GatewayStackOptions options)
    {
        var provider = await DemoProvider.StartAsync(new() { AccessTokenLifetime = options.AccessTokenLifetime }, CancellationToken.None);
        var stack = new GatewayStack(FreePort.NextOrigin(), provider);
        try
        {
            provider.Register(DemoDirectory.Gateway(stack.Origin));
            await stack.Upstream.StartAsync();
            stack.Configuration = DemoConfiguration.Of(stack.Origin, provider.Issuer, stack.Upstream.Url);
            if (options.Redis is { } redis)
                DemoConfiguration.UseRedis(stack.Configuration, redis);
            options.Configure?.Invoke(stack, stack.Configuration);
            options.Prepare?.Invoke(provider);
            stack._gateway = await stack.StartGatewayAsync(stack.Configuration);
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>One more gateway of the same configuration and public origin, at an address of its own.</summary>
    public Task<GatewayProcess> StartReplicaAsync() => StartGatewayAsync(DemoConfiguration.Elsewhere(Configuration));

    /// <summary>A gateway of another configuration beside the first one; it ends with the stack.</summary>
    public async Task<GatewayProcess> StartGatewayAsync(JsonObject configuration, IReadOnlyDictionary<string, string>? environment = null)
    {
        var gateway = await GatewayProcess.StartAsync(configuration, environment);
        _gateways.Add(gateway);
        return gateway;
    }

    /// <summary>A new person's browser, at home at the gateway.</summary>
    public DemoBrowser BrowserFor() => new(Url);

    public async Task<DemoBrowser> SignedInAsync(string email)
    {
        var browser = BrowserFor();
        var end = await browser.SignInAsync("/auth/login?next=/me", email, CancellationToken.None);
        Assert.Equal((200, "/me"), (end.Status, end.Url.AbsolutePath));
        return browser;
    }

    /// <summary>The value of the session cookie, or null.</summary>
    public string? SessionOf(DemoBrowser browser) => browser.Cookies.Value(Url, "orggw");

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways)
            await gateway.DisposeAsync();
        await Upstream.DisposeAsync();
        await Provider.DisposeAsync();
    }
}
