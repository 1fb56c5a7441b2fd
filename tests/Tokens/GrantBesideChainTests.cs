using System.Buffers.Text;
using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Tokens;

/// <summary>A provider that gives each organization a grant of its own, by a sign-in that its own session makes silent.</summary>
public sealed class GrantBesideChainTests : IAsyncLifetime
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(6);
    private GatewayStack? _stack;

    private GatewayStack Stack => _stack!;

    public async Task InitializeAsync() => _stack = await GatewayStack.StartAsync(new()
    {
        AccessTokenLifetime = Life,
        Configure = (_, configuration) =>
        {
            var provider = configuration["Gateway"]!["IdentityProviders"]!["main"]!;
            provider["Mint"] = new JsonObject { ["Strategy"] = "silentAuthorize" };
            provider["Authorize"] = new JsonObject { ["Parameter"] = "organization" };
        },
    });

    public async Task DisposeAsync() => await Stack.DisposeAsync();

    [Fact]
    [Trait("Row", "R4")]
    [Trait("Row", "S30")]
    public async Task Each_organization_has_a_grant_of_its_own_on_one_session()
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        using var client = new CookieClient();
        var cookie = Stack.SessionOf(browser)!;
        Assert.Equal(HttpStatusCode.Unauthorized, await client.StatusAsync(Stack.Url, "/orgs/acme/api", cookie));
        foreach (var slug in (string[])["acme", "globex", "acme"])
        {
            var page = await browser.GetAsync($"/orgs/{slug}/page", CancellationToken.None);
            Assert.Equal((200, $"/orgs/{slug}/page"), (page.Status, page.Url.AbsolutePath));
            Assert.Equal("org_" + slug, OrganizationUpstreamSees());
            Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(Stack.Url, $"/orgs/{slug}/api", cookie));
            Assert.Equal("org_" + slug, OrganizationUpstreamSees());
        }
        Assert.Equal(cookie, Stack.SessionOf(browser));

        // Its own refresh token keeps it, without a browser.
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        await Wait.UntilAsync(() => System.Diagnostics.Stopwatch.GetElapsedTime(began) > Life, Life * 2, "the tokens expire");
        foreach (var slug in (string[])["globex", "acme"])
        {
            Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(Stack.Url, $"/orgs/{slug}/api", cookie));
            Assert.Equal("org_" + slug, OrganizationUpstreamSees());
        }
        Assert.Equal(0, Stack.Provider.Counters.ReuseDetections.Value);
    }

    private string? OrganizationUpstreamSees() =>
        (string?)JsonNode.Parse(Base64Url.DecodeFromChars(Stack.Upstream.LastRequest.Header("Authorization")!["Bearer ".Length..].Split('.')[1]))!["org_id"];
}
