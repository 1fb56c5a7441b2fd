using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.OrgTokens;

/// <summary>What starts, what does not, and what environment variables alone are enough for.</summary>
public sealed class OrganizationTokenStartTests(DemoServersOnRedis demo) : IClassFixture<DemoServersOnRedis>
{
    [Fact, Trait("Row", "K25")]
    public async Task A_route_that_needs_a_token_nobody_can_mint_stops_the_start()
    {
        var run = await CheckAsync(configuration =>
        {
            foreach (var (_, organization) in configuration["Gateway"]!["Organizations"]!.AsObject())
                organization!.AsObject().Remove("Token");
        });
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("'reports'", run.Output, StringComparison.Ordinal);
    }

    [Theory, Trait("Row", "K15"), Trait("Row", "K8")]
    [InlineData("fifteen-letters", 1)]
    [InlineData("sixteen-letters!", 0)]
    public async Task A_cron_secret_has_sixteen_characters_at_least(string secret, int exitCode)
    {
        var run = await CheckAsync(configuration => configuration["Gateway"]!["OrganizationTokens"] = new JsonObject { ["CronSecret"] = secret });
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Equal(exitCode == 1, run.Output.Contains("Gateway:OrganizationTokens:CronSecret", StringComparison.Ordinal));
        Assert.DoesNotContain(secret, run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ 'Source': 'KrakenGraphQl', 'Endpoint': 'http://api.example/graphql/', 'OrganizationSecretKey': 'x' }", "Endpoint")]
    [InlineData("{ 'Source': 'KrakenGraphQl', 'Endpoint': 'https://api.example/graphql/' }", "OrganizationSecretKey")]
    [InlineData("{ 'Source': 'Http', 'Url': 'https://{slug}.example/token' }", "Url")]
    [InlineData("{ 'Source': 'Http', 'Url': 'https://api.example/token', 'Body': '{secret}' }", "Secret")]
    [InlineData("{ 'Source': 'Http', 'Url': 'https://api.example/token', 'Method': 'DELETE' }", "Method")]
    [InlineData("{ 'Source': 'Http', 'Url': 'https://api.example/token', 'TokenPointer': '/a~2' }", "TokenPointer")]
    [InlineData("{ 'Source': 'ClientCredentials', 'ClientId': 'x' }", "ClientSecret")]
    [InlineData("{ 'Source': 'Telepathy' }", "Source")]
    public async Task A_source_that_cannot_work_stops_the_start(string token, string setting)
    {
        var run = await CheckAsync(configuration => configuration["Gateway"]!["Organizations"]!["acme"]!["Token"] = JsonNode.Parse(token.Replace('\'', '"')));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Gateway:Organizations:acme:Token:" + setting, run.Output, StringComparison.Ordinal);
    }

    [Fact, Trait("Row", "K24"), Trait("Row", "K9"), Trait("Row", "K26")]
    public async Task Environment_variables_alone_enable_the_organizations_token()
    {
        await using var issuer = new KrakenServer();
        await issuer.InitializeAsync();
        issuer.Register("sk-of-the-environment-0123456789", "acme");
        var configuration = DemoConfiguration.Elsewhere(demo.Stack.Configuration);
        var gateway = configuration["Gateway"]!.AsObject();
        foreach (var name in new[] { "Store", "Encryption", "OrganizationTokens" })
            gateway.Remove(name);
        gateway["Organizations"] = new JsonObject { ["acme"] = new JsonObject { ["Id"] = "org_acme" } };
        KrakenFixture.Route(configuration, "raw", "/raw/{org}/{**rest}", new() { ["Access"] = "public", ["Token"] = "organization", ["TokenScheme"] = "" });
        var variables = new Dictionary<string, string>
        {
            ["KRAKEN_ORGANIZATION_KEY"] = "sk-of-the-environment-0123456789",
            ["KRAKEN_GRAPHQL_ENDPOINT"] = issuer.Endpoint,
            ["AUTH_ENCRYPTION_KEY"] = "dGhpcyBpcyBhIGtleSBvZiAzMiBieXRlcyBsb25nISE=",
            ["AUTH_ENCRYPTION_IV"] = "twelve bytes",
            ["CRON_SECRET"] = "a-cron-secret-of-the-environment",
            ["REDIS_URL"] = $"redis://127.0.0.1:{demo.Redis.Port}",
            ["EDGE_CONFIG"] = "https://edge-config.example/x",
            ["VERCEL_API_TOKEN"] = "vercel-secret-token",
        };

        await using var process = await GatewayProcess.StartAsync(configuration, variables);
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(process.Url, "/raw/acme/x"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("acme", issuer.OrganizationOf(demo.Stack.Upstream.Requests.Last(r => r.RawTarget == "/raw/acme/x").Header("Authorization")));
        foreach (var name in new[] { "EDGE_CONFIG", "VERCEL_API_TOKEN", "InitializationVector" })
            await Wait.UntilAsync(() => process.Output.Contains(name, StringComparison.Ordinal), TimeSpan.FromSeconds(20), "a warning about " + name);
        foreach (var (name, value) in variables)
            if (name is not ("REDIS_URL" or "KRAKEN_GRAPHQL_ENDPOINT"))
                Assert.DoesNotContain(value, process.Output, StringComparison.Ordinal);
    }

    private async Task<FinishedRun> CheckAsync(Action<JsonObject> change)
    {
        var configuration = demo.Stack.Configuration.DeepClone().AsObject();
        change(configuration);
        return await GatewayProcess.RunToExitAsync(["check"], configuration.ToJsonString());
    }
}
