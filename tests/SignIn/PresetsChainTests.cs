using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>One app and one configuration behind providers of three shapes; <c>Preset</c> is the one setting that differs.</summary>
public sealed class PresetsChainTests
{
    [Theory]
    [InlineData("keycloak", """{"organization":{"acme":{"id":"org_acme","roles":["admin"]}}}""", "admin")]
    [InlineData("auth0", """{"org_id":"org_acme","org_name":"acme","permissions":["document:write"]}""", "")]
    [InlineData("workos", """{"org_id":"org_acme","role":"admin","roles":["admin"],"permissions":["document:write"],"sid":"session_1"}""", "admin")]
    [Trait("Row", "P10")]
    [Trait("Row", "G1")]
    public async Task The_same_app_works_behind_it(string preset, string shape, string roles)
    {
        await using var provider = new HostileProvider { Now = TimeProvider.System.GetUtcNow };
        await provider.InitializeAsync();
        provider.ChangeClaims = claims =>
        {
            foreach (var (name, value) in JsonNode.Parse(shape)!.AsObject())
                claims[name] = value!.DeepClone();
        };
        await using var upstream = new EchoUpstream();
        await upstream.StartAsync();
        var url = FreePort.NextOrigin();
        var configuration = DemoConfiguration.Of(url.GetLeftPart(UriPartial.Authority), provider.Issuer, upstream.Url);
        var main = configuration["Gateway"]!["IdentityProviders"]!["main"]!.AsObject();
        (main["ClientId"], main["ClientSecret"], main["Preset"]) = (HostileProvider.ClientId, HostileProvider.ClientSecret, preset);
        main.Remove("Claims");
        main.Remove("Scopes");
        configuration["ReverseProxy"]!["Routes"]!["writing"] = JsonNode.Parse("""{"ClusterId":"app","Match":{"Path":"/orgs/{org}/write"},"Metadata":{"Permissions":"document:write"}}""");
        await using var gateway = await GatewayProcess.StartAsync(configuration);

        using var browser = new DemoBrowser(url);
        foreach (var page in new[] { "/orgs/acme/docs", "/orgs/org_acme/docs", "/orgs/acme/write" })
        {
            Assert.Equal(200, (await browser.GetAsync(page, CancellationToken.None)).Status);
            var arrived = upstream.LastRequest;
            Assert.Equal(("org_acme", "acme"), (arrived.Header("X-Auth-Org-Id"), arrived.Header("X-Auth-Org-Slug")));
            Assert.Contains("document:write", arrived.Header("X-Auth-Permissions"));
            Assert.Equal(roles, arrived.Header("X-Auth-Roles") ?? "");
        }
        Assert.Equal(403, (await browser.GetAsync("/orgs/globex/docs", CancellationToken.None)).Status);
        Assert.Equal(roles == "admin" ? 200 : 403, (await browser.GetAsync("/orgs/acme/admin/users", CancellationToken.None)).Status);
        Assert.Equal("/orgs/acme/", (await browser.GetOneAsync("/auth/select-org", CancellationToken.None)).Response.Headers.Location!.OriginalString);
    }
}
