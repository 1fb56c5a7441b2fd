using System.Text.Json.Nodes;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>What is asked for, and what becomes of sessions when more is asked for.</summary>
public sealed class ScopesChainTests(RedisServer redis) : IClassFixture<RedisServer>
{
    [Fact]
    [Trait("Row", "S47")]
    public async Task A_new_scope_sends_who_is_signed_in_through_one_sign_in_without_a_form()
    {
        await using var stack = await GatewayStack.StartAsync(new() { Redis = redis });
        using var browser = await stack.SignedInAsync("alice@acme.test");
        var former = stack.SessionOf(browser);
        await stack.Gateway.StopAsync();
        var configuration = stack.Configuration.DeepClone().AsObject();
        configuration["Gateway"]!["IdentityProviders"]!["main"]!["Scopes"]!.AsArray().Add("phone");
        await stack.StartGatewayAsync(configuration);
        var before = stack.Provider.Counters.Authorize.Value;

        var end = await browser.GetAsync("/me?after=scope", CancellationToken.None);
        Assert.Equal((200, "/me?after=scope"), (end.Status, end.Url.PathAndQuery));
        Assert.Contains(end.Hops, hop => hop.Url.AbsolutePath == "/authorize" && PendingLogin.Of(hop.Url, "scope").EndsWith(" phone", StringComparison.Ordinal));
        Assert.DoesNotContain(end.Hops, hop => hop.Url.AbsolutePath == "/sign-in");
        Assert.NotEqual(former, stack.SessionOf(browser));
        // Granted or not, it was asked for: never again.
        for (var i = 0; i < 3; i++)
            Assert.Single((await browser.GetAsync($"/me?again={i}", CancellationToken.None)).Hops);
        Assert.Equal(1, stack.Provider.Counters.Authorize.Value - before);
    }

    [Fact]
    [Trait("Row", "S12")]
    public async Task Offline_access_is_asked_for_by_default_and_a_sign_in_without_a_refresh_token_is_told()
    {
        await using var stack = await GatewayStack.StartAsync(new() { Configure = (_, configuration) => MainOf(configuration).Remove("Scopes") });
        using var browser = stack.BrowserFor();
        var authorize = (await browser.GetOneAsync("/auth/login", CancellationToken.None)).Hops[0].Location!;
        Assert.Contains("offline_access", PendingLogin.Of(authorize, "scope").Split(' '));
        using (await stack.SignedInAsync("alice@acme.test"))
            Assert.DoesNotContain("granted no refresh token", stack.Gateway.Output, StringComparison.Ordinal);

        var without = DemoConfiguration.Elsewhere(stack.Configuration);
        MainOf(without)["Scopes"] = new JsonArray("openid", "profile", "email");
        without["Gateway"]!["PublicOrigin"] = without["Urls"]!.DeepClone();
        var origin = (string)without["Urls"]!;
        stack.Provider.Register(DemoDirectory.Gateway(origin));
        var gateway = await stack.StartGatewayAsync(without);
        using var other = new DemoBrowser(gateway.Url);
        await other.SignInAsync("/auth/login?next=/me", "alice@acme.test", CancellationToken.None);
        await Wait.UntilAsync(() => gateway.Output.Contains("main granted no refresh token", StringComparison.Ordinal), TimeSpan.FromSeconds(10), "the warning");
    }

    private static JsonObject MainOf(JsonObject configuration) => configuration["Gateway"]!["IdentityProviders"]!["main"]!.AsObject();
}
