using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Configuration;

/// <summary>The worked examples: sound as they stand, and they start where their addresses exist.</summary>
public sealed class ExamplesTests(RedisServer redis) : IClassFixture<RedisServer>
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    [Fact]
    public void There_are_five() => Assert.True(Examples.Files.Count >= 5);

    [Fact]
    public async Task Each_passes_check_as_it_stands()
    {
        foreach (var file in Examples.Files)
        {
            var secrets = SecretsOf(Parse(file));
            var run = await GatewayProcess.RunToExitAsync(["check", "--config", Repository.PathOf(file)], null, secrets);
            Assert.True(run.ExitCode == 0, $"{file}\n{run.Output}");
            Assert.DoesNotContain("Warning ", run.Output);
            foreach (var secret in secrets.Values)
                Assert.DoesNotContain(secret, run.Output);
        }
    }

    [Fact]
    public async Task Each_starts_and_protects_its_app()
    {
        await using var provider = await DemoProvider.StartAsync(new(), CancellationToken.None);
        await using var upstream = new EchoUpstream();
        await upstream.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        foreach (var file in Examples.Files)
        {
            var configuration = Parse(file);
            var origin = FreePort.NextOrigin();
            Place(configuration, origin, provider.Issuer, upstream.Url);
            await using var gateway = await GatewayProcess.StartAsync(configuration, SecretsOf(configuration));
            foreach (var route in configuration["ReverseProxy"]!["Routes"]!.AsObject())
            {
                if ((string?)route.Value!["Metadata"]?["Access"] == "public" || (string?)route.Value["Metadata"]?["Static"] == "true")
                    continue;
                var path = ((string)route.Value["Match"]!["Path"]!).Replace("{org}", "acme", StringComparison.Ordinal).Replace("{**rest}", "x", StringComparison.Ordinal);
                using var answer = await http.GetAsync(new Uri(gateway.Url, path));
                Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.UpgradeRequired, $"{file}, {route.Key}: {answer.StatusCode}");
            }
            Assert.Equal(0, await gateway.StopAsync());
        }
        Assert.Equal(0, upstream.Hits);
    }

    private static JsonObject Parse(string file) => JsonNode.Parse(File.ReadAllText(Repository.PathOf(file)), documentOptions: Lenient)!.AsObject();

    // What an example expects from a secret store, each under its setting's name.
    private static Dictionary<string, string> SecretsOf(JsonObject configuration)
    {
        var secrets = new Dictionary<string, string>
        {
            ["Gateway__IdentityProviders__main__ClientSecret"] = "gateway-demo-secret",
            ["AUTH_ENCRYPTION_KEY"] = "an encryption key of the tests alone",
            ["Gateway__Management__Token"] = "a management token of the tests",
        };
        foreach (var (slug, organization) in configuration["Gateway"]!["Organizations"]?.AsObject() ?? [])
            if (organization!["Token"] is not null)
                secrets[$"Gateway__Organizations__{slug}__Token__ClientSecret"] = slug + "-demo-secret";
        return secrets;
    }

    private void Place(JsonObject configuration, Uri origin, string issuer, string upstream)
    {
        configuration["Urls"] = origin.GetLeftPart(UriPartial.Authority);
        var gateway = configuration["Gateway"]!.AsObject();
        gateway["PublicOrigin"] = origin.GetLeftPart(UriPartial.Authority);
        gateway.Remove("AdditionalOrigins");
        if (gateway["Management"] is JsonObject management)
            management.Remove("Url");
        if (gateway["Store"] is JsonObject { } store && (string?)store["Kind"] == "Redis")
            store["Redis"] = redis.Configuration;
        foreach (var provider in gateway["IdentityProviders"]!.AsObject())
            provider.Value!["Issuer"] = issuer;
        foreach (var cluster in configuration["ReverseProxy"]!["Clusters"]!.AsObject())
            foreach (var destination in cluster.Value!["Destinations"]!.AsObject())
                destination.Value!["Address"] = upstream;
    }
}
