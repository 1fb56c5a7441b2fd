using System.Text.Json.Nodes;
using OrgGateway.Tests.Bearer;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Limits;

/// <summary>Three replicas over one Redis; their callers' addresses come from a proxy in front, as far as a test says so.</summary>
public sealed class LimitServers : IAsyncLifetime
{
    private GatewayStack? _stack;
    private BearerClient[] _clients = [];

    public const string TokenIssuer = "https://ci.example";
    private const string Audience = "my-api";
    private static readonly ProviderKey TokenKey = ProviderKey.Hmac("a secret shared with one issuer, of more than 32 bytes");

    public RedisServer Redis { get; } = new();

    public GatewayStack Stack => _stack!;

    /// <summary>One for each replica.</summary>
    public IReadOnlyList<BearerClient> Clients => _clients;

    public async Task InitializeAsync()
    {
        await Redis.InitializeAsync();
        _stack = await GatewayStack.StartAsync(new() { Redis = Redis, Configure = (_, configuration) => Configure(configuration) });
        var others = new[] { await Stack.StartReplicaAsync(), await Stack.StartReplicaAsync() };
        _clients = [new(Stack.Url), .. others.Select(o => new BearerClient(o.Url))];
    }

    public async Task DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        await Stack.DisposeAsync();
        await Redis.DisposeAsync();
    }

    public async Task<string> NewKeyAsync(params string[] arguments)
    {
        var run = await GatewayProcess.RunToExitAsync(["keys", "create", "--org", "acme", "--json", .. arguments], Stack.Configuration.ToJsonString());
        Assert.True(run.ExitCode == 0, run.Output);
        return (string)JsonNode.Parse(run.Output)!["key"]!;
    }

    /// <summary>A token of the one issuer that is trusted, for acme.</summary>
    public static string Token(Action<JsonObject>? claims = null)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var payload = new JsonObject
        {
            ["iss"] = TokenIssuer, ["sub"] = "ci-job", ["aud"] = Audience, ["iat"] = now, ["exp"] = now + 300,
            ["organizations"] = new JsonObject { ["org_acme"] = new JsonObject { ["roles"] = new JsonArray("member") } },
        };
        claims?.Invoke(payload);
        return TokenKey.Sign(TokenKey.Header(), payload);
    }

    private static void Configure(JsonObject configuration)
    {
        configuration["Gateway"]!["TrustedProxies"] = new JsonArray("127.0.0.1", "::1");
        configuration["Gateway"]!["RateLimits"] = new JsonObject
        {
            ["api"] = Limit(10, "00:01:00", "user"),
            ["team"] = Limit(100, "00:01:00", "org"),
            ["few"] = Limit(3, "00:01:00", "user"),
            ["address"] = Limit(5, "00:01:00", "ip"),
            ["login"] = Limit(300, "00:01:00", "ip"),
            ["spend"] = Limit(5, "1.00:00:00", "org", ("Kind", "Budget"), ("Cost", 2)),
            ["broken"] = Limit(5, "1.00:00:00", "key", ("Kind", "Budget"), ("CostHeader", "X-Cost")),
            ["leaky"] = Limit(5, "1.00:00:00", "route", ("Kind", "Budget"), ("CostHeader", "X-Cost")),
            ["told"] = Limit(5, "1.00:00:00", "org", ("Kind", "Budget"), ("CostHeader", "X-Cost")),
        };
        configuration["Gateway"]!["BearerIssuers"] = new JsonObject
        {
            ["ci"] = new JsonObject { ["Issuer"] = TokenIssuer, ["Audience"] = Audience, ["Secret"] = "a secret shared with one issuer, of more than 32 bytes" },
        };
        BearerServers.AddRoute(configuration, "tokens", "/tokens/{org}/{**rest}", ("Credentials", "bearer"));
        BearerServers.AddRoute(configuration, "api", "/api/{org}/{**rest}", ("RateLimit", "api"));
        BearerServers.AddRoute(configuration, "team", "/team/{org}/{**rest}", ("RateLimit", "team"));
        BearerServers.AddRoute(configuration, "few", "/few/{**rest}", ("RateLimit", "few"), ("Access", "public"));
        BearerServers.AddRoute(configuration, "costly", "/costly/{**rest}", ("RateLimit", "few"), ("Access", "authenticated"));
        BearerServers.AddRoute(configuration, "address", "/address/{org}/{**rest}", ("RateLimit", "address"));
        BearerServers.AddRoute(configuration, "spend", "/spend/{org}/{**rest}", ("RateLimit", "spend"), ("Credentials", "apikey"));
        BearerServers.AddRoute(configuration, "broken", "/broken/{org}/{**rest}", ("RateLimit", "broken"), ("Credentials", "apikey"));
        BearerServers.AddRoute(configuration, "leaky", "/leaky/{org}/{**rest}", ("RateLimit", "leaky"), ("Credentials", "apikey"), ("Token", "organization"));
        BearerServers.AddRoute(configuration, "told", "/told/{org}/{**rest}", ("RateLimit", "told"), ("Credentials", "apikey"));
        BearerServers.AddRoute(configuration, "keyed", "/keyed/{org}/{**rest}", ("Credentials", "apikey"));
    }

    private static JsonObject Limit(int limit, string window, string by, params (string Key, JsonNode Value)[] more)
    {
        var section = new JsonObject { ["Limit"] = limit, ["Window"] = window, ["By"] = by };
        foreach (var (key, value) in more)
            section[key] = value;
        return section;
    }
}
