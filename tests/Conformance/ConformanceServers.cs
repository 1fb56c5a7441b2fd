using System.Security.Cryptography;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conformance;

/// <summary>
/// One gateway and a hostile provider for each group of conformance modules: modules that need metadata or keys of their own must
/// not meet what the gateway remembers of another's.
/// </summary>
public sealed class ConformanceServers : IAsyncLifetime
{
    private readonly Dictionary<string, HostileProvider> _providers = [];
    private GatewayProcess? _gateway;

    public EchoUpstream Upstream { get; } = new();

    public RSA ClientKey { get; } = RSA.Create(2048);

    public GatewayProcess Process => _gateway!;

    public Uri Url { get; } = FreePort.NextOrigin();

    public string Origin => Url.GetLeftPart(UriPartial.Authority);

    public HostileProvider Provider(string name) => _providers[name];

    private static Dictionary<string, JsonObject> MoreRoutes => new()
    {
        ["recent"] = new() { ["MaxAuthAge"] = "00:05:00" },
        ["strong"] = new() { ["Acr"] = "phr, phrh" },
        ["plain"] = [],
    };

    public async Task InitializeAsync()
    {
        await Upstream.StartAsync();
        await File.WriteAllTextAsync(ConformanceModules.KeyFile, ClientKey.ExportPkcs8PrivateKeyPem());
        var configuration = DemoConfiguration.Of(Origin, "http://127.0.0.1:1", Upstream.Url);
        var section = configuration["Gateway"]!;
        var main = section["IdentityProviders"]!["main"]!.AsObject();
        (main["ClientId"], main["ClientSecret"]) = (HostileProvider.ClientId, HostileProvider.ClientSecret);
        var providers = new JsonObject();
        var organizations = new JsonObject();
        foreach (var (name, settings) in ConformanceModules.Providers)
        {
            var provider = new HostileProvider { Now = TimeProvider.System.GetUtcNow };
            await provider.InitializeAsync();
            _providers[name] = provider;
            var options = main.DeepClone().AsObject();
            options["Issuer"] = provider.Issuer;
            foreach (var (key, value) in settings)
                options[key] = value?.DeepClone();
            providers[name] = options;
            organizations[name] = new JsonObject
            {
                ["IdentityProvider"] = name, ["Members"] = new JsonObject { [HostileProvider.Subject] = new JsonArray("member"), ["alice-elsewhere"] = new JsonArray("member") },
            };
            ConformanceModules.Prepare(name, provider);
        }
        section["IdentityProviders"] = providers;
        section["Organizations"] = organizations;
        section["DefaultIdentityProvider"] = ConformanceModules.Basic;
        configuration["ReverseProxy"]!["Routes"]!.AsObject().Remove("reports"); // wants an organization's token
        foreach (var (name, metadata) in MoreRoutes)
        {
            metadata["Access"] ??= "authenticated";
            configuration["ReverseProxy"]!["Routes"]![name] = new JsonObject
            {
                ["ClusterId"] = "app", ["Match"] = new JsonObject { ["Path"] = $"/{name}/{{**rest}}" }, ["Metadata"] = metadata,
            };
        }
        _gateway = await GatewayProcess.StartAsync(configuration);
    }

    public async Task DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        await Upstream.DisposeAsync();
        ClientKey.Dispose();
        File.Delete(ConformanceModules.KeyFile);
        foreach (var provider in _providers.Values)
            await provider.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class ConformanceSuite : ICollectionFixture<ConformanceServers>
{
    public const string Name = "conformance";
}
