using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>A gateway with a provider of each way to be steered; the organizations have the providers' names.</summary>
public sealed class SteeredServers : IAsyncLifetime
{
    private static readonly string[] Presets = ["auth0", "scalekit", "keycloak", "workos", "google"];
    private readonly Dictionary<string, HostileProvider> _providers = [];
    public EchoUpstream Upstream { get; } = new();
    private GatewayProcess? _gateway;

    public Uri Url { get; } = FreePort.NextOrigin();
    public string Origin => Url.GetLeftPart(UriPartial.Authority);
    public GatewayProcess Process => _gateway!;

    /// <summary>Of the gateway, without the hosts that only this one has.</summary>
    public JsonObject Configuration { get; private set; } = [];

    public HostileProvider Provider(string preset) => _providers[preset];

    public async Task InitializeAsync()
    {
        await Upstream.StartAsync();
        Configuration = DemoConfiguration.Of(Origin, "http://127.0.0.1:1", Upstream.Url);
        var section = Configuration["Gateway"]!;
        var (providers, organizations) = (new JsonObject(), new JsonObject());
        foreach (var preset in Presets)
        {
            var provider = _providers[preset] = new HostileProvider { Now = TimeProvider.System.GetUtcNow };
            await provider.InitializeAsync();
            providers[preset] = new JsonObject
            {
                ["Preset"] = preset,
                ["Issuer"] = provider.Issuer,
                ["ClientId"] = HostileProvider.ClientId,
                ["ClientSecret"] = HostileProvider.ClientSecret,
                ["IdpInitiatedLogin"] = preset == "scalekit",
            };
            organizations[preset + "-org"] = new JsonObject { ["Id"] = "org_" + preset, ["IdentityProvider"] = preset, ["EmailDomains"] = new JsonArray(preset + ".test") };
        }
        providers["auth0"]!["Authorize"] = new JsonObject { ["AllowedConnections"] = new JsonArray("github", "google-oauth2") };
        organizations["keycloak-org"]!["Hosts"] = new JsonArray("team.example.test");
        section["IdentityProviders"] = providers;
        section["Organizations"] = organizations;
        section["DefaultIdentityProvider"] = "auth0";
        Configuration["ReverseProxy"]!["Routes"]!.AsObject().Remove("reports"); // wants an organization's token
        _gateway = await GatewayProcess.StartAsync(Configuration);
    }

    public DemoBrowser BrowserFor() => new(Url);

    /// <summary>Where a login sends its browser.</summary>
    public async Task<Uri> AuthorizeAsync(string query, DemoBrowser? browser = null)
    {
        using var own = browser is null ? BrowserFor() : null;
        var begun = await (browser ?? own!).GetOneAsync("/auth/login?" + query, CancellationToken.None);
        Assert.Equal(302, begun.Status);
        return begun.Hops[0].Location!;
    }

    public async Task DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        await Upstream.DisposeAsync();
        foreach (var provider in _providers.Values)
            await provider.DisposeAsync();
    }
}
