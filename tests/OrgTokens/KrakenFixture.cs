using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.OrgTokens;

/// <summary>A gateway over Redis in front of an upstream, with organizations whose tokens come from a Kraken-shaped issuer.</summary>
public sealed class KrakenFixture : IAsyncLifetime
{
    public const string KappaKey = "sk-live-kappa-organization-key-0123456789";
    public const string LambdaKey = "sk-live-lambda-organization-key-9876543210";
    public const string OmegaKey = "omega \"quoted\" rest key";
    public const string CronSecret = "cron-secret-of-16";

    private GatewayStack? _stack;
    private int _serial;

    public RedisServer Redis { get; } = new();

    public KrakenServer Kraken { get; } = new();

    public GatewayStack Stack => _stack!;

    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false, MaxConnectionsPerServer = 256 });

    public async Task InitializeAsync()
    {
        await Redis.InitializeAsync();
        await Kraken.InitializeAsync();
        Kraken.Register(KappaKey, "kappa");
        Kraken.Register(LambdaKey, "lambda");
        Kraken.Register(OmegaKey, "omega");
        _stack = await GatewayStack.StartAsync(new() { Redis = Redis, Configure = (_, configuration) => Configure(configuration) });
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await Stack.DisposeAsync();
        await Kraken.DisposeAsync();
        await Redis.DisposeAsync();
    }

    /// <summary>The configuration of a gateway that shares nothing in Redis with others: it has no token yet.</summary>
    public JsonObject Apart(Action<JsonObject>? change = null)
    {
        var configuration = DemoConfiguration.Elsewhere(Stack.Configuration);
        configuration["Gateway"]!["Store"]!["KeyPrefix"] = $"apart{Interlocked.Increment(ref _serial)}";
        change?.Invoke(configuration);
        return configuration;
    }

    /// <summary>A gateway that the test ends; several of one configuration are replicas.</summary>
    public static Task<GatewayProcess> StartAsync(JsonObject configuration) => GatewayProcess.StartAsync(DemoConfiguration.Elsewhere(configuration));

    /// <summary>What stands in Redis of the organizations' tokens of this configuration.</summary>
    public async Task<IReadOnlyList<KeyValuePair<string, byte[]>>> StoredTokensAsync(JsonObject configuration) =>
        [.. (await Redis.DumpAllAsync()).Where(e => e.Key.StartsWith($"{configuration["Gateway"]!["Store"]!["KeyPrefix"]}:org-token:", StringComparison.Ordinal))];

    public Task<HttpResponseMessage> GetAsync(string path, GatewayProcess? gateway = null) => Http.GetAsync(new Uri((gateway ?? Stack.Gateway).Url, path));

    public static void Route(JsonObject configuration, string name, string path, JsonObject metadata, JsonArray? methods = null)
    {
        var match = new JsonObject { ["Path"] = path };
        if (methods is not null)
            match["Methods"] = methods;
        configuration["ReverseProxy"]!["Routes"]![name] = new JsonObject { ["ClusterId"] = "app", ["Match"] = match, ["Metadata"] = metadata };
    }

    private void Configure(JsonObject configuration)
    {
        var organizations = configuration["Gateway"]!["Organizations"]!;
        organizations["kappa"] = new JsonObject { ["Id"] = "org_kappa", ["Token"] = new JsonObject { ["OrganizationSecretKey"] = KappaKey } };
        organizations["lambda"] = new JsonObject { ["Id"] = "org_lambda", ["Token"] = new JsonObject { ["OrganizationSecretKey"] = LambdaKey, ["ClientAddressKey"] = "shared-address-key" } };
        organizations["omega"] = new JsonObject
        {
            ["Id"] = "org_omega",
            ["Token"] = new JsonObject
            {
                ["Source"] = "Http",
                ["Url"] = $"http://127.0.0.1:{Kraken.Port}/rest/token/{{slug}}",
                ["Headers"] = new JsonObject { ["X-Org"] = "{org}" },
                ["Body"] = "{\"key\":\"{secret}\",\"note\":\"{unknown}\"}",
                ["Secret"] = OmegaKey,
                ["TokenPointer"] = "/result/jwt",
                ["ExpiryPointer"] = "/result/endsAt",
            },
        };
        configuration["Gateway"]!["TrustedProxies"] = new JsonArray("127.0.0.1");
        configuration["Gateway"]!["OrganizationTokens"] = new JsonObject
        {
            ["CronSecret"] = CronSecret,
            ["ServerTiming"] = true,
            ["Default"] = new JsonObject { ["Source"] = "KrakenGraphQl", ["Endpoint"] = Kraken.Endpoint, ["OrganizationSecretKey"] = "sk-of-nobody-0123456789" },
        };
        Route(configuration, "raw", "/raw/{org}/{**rest}", new() { ["Access"] = "public", ["Token"] = "organization", ["TokenScheme"] = "" });
        foreach (var (name, codes) in new[] { ("gql", "kraken"), ("apollo", "apollo"), ("own", "OTHER, DEAD_CREDENTIAL") })
            Route(configuration, name, $"/{name}/{{org}}/{{**rest}}", new() { ["Access"] = "public", ["Token"] = "organization", ["TokenScheme"] = "", ["GraphQl"] = codes });
        Route(configuration, "once", "/once/{org}/{**rest}", new() { ["Access"] = "public", ["Token"] = "organization", ["TokenScheme"] = "", ["Replay"] = "off" });
        Route(configuration, "leading", "/leading/{org}/{**rest}", new() { ["Token"] = "organization", ["Roles"] = "admin" });
        Route(configuration, "either", "/either/{org}/{**rest}", new() { ["Access"] = "public", ["Token"] = "user-or-organization" });
        Route(configuration, "read-only", "/read/{org}/{**rest}", new() { ["Access"] = "public", ["Token"] = "organization" }, new JsonArray("GET"));
    }
}
