using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Bearer;

/// <summary>A gateway that takes tokens of three issuers: one discovered, one with a key set URL, one with a shared secret.</summary>
public sealed class BearerServers : IAsyncLifetime
{
    public const string Audience = "my-api";
    public const string Secret = "a secret shared with one issuer, of more than 32 bytes";
    public const string SecretIssuer = "https://supabase.example/auth/v1";
    private GatewayStack? _stack;

    /// <summary>Found by discovery; organizations as a map.</summary>
    public HostileProvider Discovered { get; } = new();

    /// <summary>Its key set has a URL of its own; one organization by a claim named like APSO's.</summary>
    public HostileProvider Keyed { get; } = new();

    public GatewayStack Stack => _stack!;

    public async Task InitializeAsync()
    {
        foreach (var issuer in new[] { Discovered, Keyed })
        {
            issuer.Clock.UtcNow = TimeProvider.System.GetUtcNow();
            await issuer.InitializeAsync();
        }
        Keyed.SigningKey = ProviderKey.Ec("key-1");
        Keyed.PublishedKeys = [Keyed.SigningKey];
        _stack = await GatewayStack.StartAsync(new() { Configure = (_, configuration) => Configure(configuration) });
    }

    public async Task DisposeAsync()
    {
        await Stack.DisposeAsync();
        await Discovered.DisposeAsync();
        await Keyed.DisposeAsync();
    }

    public static void AddRoute(JsonObject configuration, string name, string path, params (string Key, string Value)[] metadata) =>
        configuration["ReverseProxy"]!["Routes"]![name] = new JsonObject
        {
            ["ClusterId"] = "app",
            ["Match"] = new JsonObject { ["Path"] = path },
            ["Metadata"] = new JsonObject(metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))),
        };

    private void Configure(JsonObject configuration)
    {
        // Every test comes from one address, and most of them send what nobody signed.
        configuration["Gateway"]!["RateLimits"] = new JsonObject { ["failures"] = new JsonObject { ["Limit"] = 10_000, ["Window"] = "00:01:00", ["By"] = "ip" } };
        configuration["Gateway"]!["BearerIssuers"] = new JsonObject
        {
            ["discovered"] = new JsonObject { ["Issuer"] = Discovered.Issuer, ["Audience"] = Audience },
            ["keyed"] = new JsonObject
            {
                ["Issuer"] = Keyed.Issuer,
                ["Audience"] = Audience,
                ["JwksUrl"] = Keyed.Origin + "/jwks",
                ["Algorithms"] = new JsonArray("ES256"),
                ["Organizations"] = new JsonArray("acme"),
                ["Preset"] = "apso",
            },
            ["secret"] = new JsonObject { ["Issuer"] = SecretIssuer, ["Audience"] = Audience, ["Secret"] = Secret },
        };
        AddRoute(configuration, "machine", "/machine/{org}/{**rest}", ("Credentials", "bearer"), ("Token", "user"));
        AddRoute(configuration, "bare", "/bare/{org}/{**rest}", ("Credentials", "bearer"));
        AddRoute(configuration, "write", "/write/{org}/{**rest}", ("Credentials", "bearer"), ("Permissions", "document:write"));
        AddRoute(configuration, "either", "/either/{org}/{**rest}", ("Credentials", "session, bearer"), ("Token", "user"));
        AddRoute(configuration, "open", "/open/{**rest}", ("Credentials", "bearer"), ("Access", "public"));
    }
}
