using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Bearer;

/// <summary>
/// Two gateways over one Redis for programs: tokens of an identity provider whose keys the tests hold, tokens of an issuer that is no
/// identity provider, and API keys with owners.
/// </summary>
public sealed class MachineReplicas : IAsyncLifetime
{
    public const string ScimToken = "a scim token of the tests";
    public const string CiIssuer = "https://ci.example";
    private const string Audience = "my-api";
    private const string Secret = "a secret shared with one issuer, of more than 32 bytes";
    private static readonly ProviderKey CiKey = ProviderKey.Hmac(Secret);
    private GatewayStack? _stack;
    private BearerClient[] _clients = [];

    public HostileProvider Provider { get; } = new();

    public RedisServer Redis { get; } = new();

    public GatewayStack Stack => _stack!;

    public IReadOnlyList<GatewayProcess> Gateways { get; private set; } = [];

    /// <summary>One for each replica.</summary>
    public IReadOnlyList<BearerClient> Clients => _clients;

    public async Task InitializeAsync()
    {
        await Redis.InitializeAsync();
        Provider.Now = TimeProvider.System.GetUtcNow;
        await Provider.InitializeAsync();
        _stack = await GatewayStack.StartAsync(new() { Redis = Redis, Configure = (_, configuration) => Configure(configuration) });
        Gateways = [Stack.Gateway, await Stack.StartReplicaAsync()];
        _clients = [.. Gateways.Select(g => new BearerClient(g.Url))];
    }

    public async Task DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        if (_stack is not null)
            await _stack.DisposeAsync();
        await Provider.DisposeAsync();
        await Redis.DisposeAsync();
    }

    public string Token(string subject, params string[] orgs) => Provider.IdToken(
        payload =>
        {
            (payload["sub"], payload["aud"]) = (subject, Audience);
            payload["organizations"] = Organizations(orgs.Length == 0 ? ["acme"] : orgs);
        },
        header => header["typ"] = "at+jwt");

    public static string CiToken(string subject)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return CiKey.Sign(CiKey.Header(), new JsonObject { ["iss"] = CiIssuer, ["sub"] = subject, ["aud"] = Audience, ["iat"] = now, ["exp"] = now + 300, ["organizations"] = Organizations("acme") });
    }

    public async Task<(string Id, string Key)> NewKeyAsync(string owner)
    {
        var run = await RunAsync("keys", "create", "--org", "acme", "--owner", owner, "--owner-issuer", Provider.Issuer, "--json");
        Assert.True(run.ExitCode == 0, run.Output);
        var made = JsonNode.Parse(run.Output)!;
        return ((string)made["id"]!, (string)made["key"]!);
    }

    /// <summary>The program as an operator runs it.</summary>
    public Task<FinishedRun> RunAsync(params string[] arguments) => GatewayProcess.RunToExitAsync(arguments, Stack.Configuration.ToJsonString());

    /// <summary>What a directory says when somebody leaves.</summary>
    public async Task DeactivateAsync(string subject)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri(Stack.Url, "/auth/scim/v2/Users/" + Uri.EscapeDataString(subject)));
        request.Headers.Authorization = new("Bearer", ScimToken);
        using var answer = await http.SendAsync(request);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, answer.StatusCode);
    }

    private static JsonObject Organizations(params string[] orgs) =>
        new(orgs.Select(org => KeyValuePair.Create("org_" + org, (JsonNode?)new JsonObject { ["slug"] = org, ["roles"] = new JsonArray("member") })));

    private void Configure(JsonObject configuration)
    {
        var gateway = configuration["Gateway"]!.AsObject();
        gateway["DefaultIdentityProvider"] = "main";
        gateway["IdentityProviders"]!["signed"] = new JsonObject { ["Issuer"] = Provider.Issuer, ["ClientId"] = "gateway", ["ClientSecret"] = "a secret that nobody asks for" };
        gateway["Scim"] = new JsonObject { ["Token"] = ScimToken, ["IdentityProvider"] = "signed" };
        gateway["BearerIssuers"] = new JsonObject
        {
            ["people"] = new JsonObject { ["Issuer"] = Provider.Issuer, ["Audience"] = Audience, ["ClockSkew"] = "00:00:00", ["IdentityProvider"] = "main" },
            ["ci"] = new JsonObject { ["Issuer"] = CiIssuer, ["Audience"] = Audience, ["Secret"] = Secret, ["ClockSkew"] = "00:00:00" },
        };
        BearerServers.AddRoute(configuration, "machine", "/machine/{org}/{**rest}", ("Credentials", "bearer"));
        BearerServers.AddRoute(configuration, "keyed", "/keyed/{org}/{**rest}", ("Credentials", "apikey"));
    }
}
