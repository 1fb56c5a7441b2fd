using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Tokens;

/// <summary>Two replicas over one Redis whose two providers give each organization a grant of its own, and do as a test says; one is told everything by pushed requests.</summary>
public sealed class HostileGrantServers : IAsyncLifetime
{
    public const string Pushing = "pushing";

    private readonly RedisServer _redis = new();
    private GatewayProcess? _gateway;
    private GatewayProcess? _replica;

    public EchoUpstream Upstream { get; } = new();
    public HostileProvider Main { get; } = new() { Now = TimeProvider.System.GetUtcNow };
    public HostileProvider Second { get; } = new() { Now = TimeProvider.System.GetUtcNow };
    public Uri Url { get; } = FreePort.NextOrigin();
    public Uri ReplicaUrl => _replica!.Url;

    public async Task InitializeAsync()
    {
        await _redis.InitializeAsync();
        await Upstream.StartAsync();
        await Main.InitializeAsync();
        await Second.InitializeAsync();
        Second.ChangeMetadata = metadata => metadata["pushed_authorization_request_endpoint"] = Second.Origin + "/par";
        var configuration = DemoConfiguration.Of(Url.GetLeftPart(UriPartial.Authority), Main.Issuer, Upstream.Url);
        DemoConfiguration.UseRedis(configuration, _redis);
        var providers = configuration["Gateway"]!["IdentityProviders"]!;
        var main = providers["main"]!.AsObject();
        main["ClientSecret"] = HostileProvider.ClientSecret;
        main["Mint"] = new JsonObject { ["Strategy"] = "silentAuthorize", ["RequireReauthOn"] = new JsonArray("mfa_required") };
        main["Authorize"] = new JsonObject { ["Parameter"] = "organization" };
        var second = main.DeepClone().AsObject();
        second["Issuer"] = Second.Issuer;
        providers[Pushing] = second;
        configuration["Gateway"]!["Organizations"]!["initech"]!["IdentityProvider"] = Pushing;
        var routes = configuration["ReverseProxy"]!["Routes"]!.AsObject();
        routes.Remove("reports"); // wants an organization's token
        routes["recent"] = new JsonObject
        {
            ["ClusterId"] = "app",
            ["Match"] = new JsonObject { ["Path"] = "/recent/{org}/{**rest}" },
            ["Metadata"] = new JsonObject { ["Token"] = "user", ["MaxAuthAge"] = "00:05:00" },
        };
        _gateway = await GatewayProcess.StartAsync(configuration);
        _replica = await GatewayProcess.StartAsync(DemoConfiguration.Elsewhere(configuration));
        Behave();
    }

    /// <summary>Both are good providers again, and of whoever they know alice is a member of all organizations.</summary>
    public void Behave()
    {
        Main.Behave();
        Second.Behave();
        Main.ChangeClaims = claims => Grant(Main, claims, ["acme", "globex"]);
        Second.ChangeClaims = claims => Grant(Second, claims, ["initech", "hooli"]); // of one alone, the session's own token would speak for it
    }

    /// <param name="token">Organization that the token says to be for; the one asked for, unless given.</param>
    public static void Grant(HostileProvider provider, JsonObject claims, IEnumerable<string> member, string? token = null)
    {
        claims["organizations"] = new JsonObject(member.Select(slug => KeyValuePair.Create("org_" + slug, (JsonNode?)new JsonObject { ["slug"] = slug, ["roles"] = new JsonArray("member") })));
        if ((token ?? provider.Front.LastRequest.GetValueOrDefault("organization")) is { } org)
            claims["org_id"] = org;
    }

    public async Task<DemoBrowser> SignedInAsync(string login = "/auth/login?next=/me")
    {
        var browser = new DemoBrowser(Url);
        var end = await browser.GetAsync(login, CancellationToken.None);
        Assert.Equal((200, "/me"), (end.Status, end.Url.AbsolutePath));
        return browser;
    }

    /// <summary>What the gateway has logged so far.</summary>
    public string Output => _gateway!.Output;

    public string? SessionOf(DemoBrowser browser) => browser.Cookies.Value(Url, "orggw");

    public async Task DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        if (_replica is not null)
            await _replica.DisposeAsync();
        await Upstream.DisposeAsync();
        await Main.DisposeAsync();
        await Second.DisposeAsync();
        await _redis.DisposeAsync();
    }
}
