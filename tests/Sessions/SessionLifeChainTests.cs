using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.SignIn;

namespace OrgGateway.Tests.Sessions;

/// <summary>Login, refresh, revocation and logout with tokens of a short life: one suite for every store.</summary>
public abstract class SessionLifeChainTests(ShortLivedTokens servers)
{
    private static int _paths;

    private GatewayStack Stack => servers.Stack;

    [Fact]
    [Trait("Row", "S15")]
    [Trait("Row", "S18")]
    [Trait("Row", "G5")]
    public async Task A_valid_token_goes_an_expired_one_is_refreshed_a_refused_one_ends_the_session()
    {
        using var browser = await Stack.SignedInAsync("bob@globex.test");
        var cookie = Stack.SessionOf(browser)!;
        var first = await TokenUpstreamSeesAsync(browser);
        Assert.Equal(first, await TokenUpstreamSeesAsync(browser));

        await ShortLivedTokens.UntilExpiredAsync();
        Assert.NotEqual(first, await TokenUpstreamSeesAsync(browser));
        Assert.Equal(cookie, Stack.SessionOf(browser));

        Stack.Provider.RevokeGrants("u-bob");
        await ShortLivedTokens.UntilExpiredAsync();
        using var client = new CookieClient();
        using var refused = await client.GetAsync(Stack.Url, "/me", cookie);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.StartsWith("orggw=; expires=Thu, 01 Jan 1970", Assert.Single(refused.Headers.GetValues("Set-Cookie")));
        var page = await browser.GetOneAsync("/me", CancellationToken.None);
        Assert.Equal((302, "/auth/login"), (page.Status, page.Hops[0].Location!.AbsolutePath));
        Assert.Null(Stack.SessionOf(browser));
    }

    [Fact]
    [Trait("Row", "S18")]
    [Trait("Row", "G5")]
    public async Task Without_a_refresh_token_the_session_ends_with_its_access_token()
    {
        var configuration = DemoConfiguration.Elsewhere(Stack.Configuration);
        configuration["Gateway"]!["IdentityProviders"]!["main"]!["Scopes"] = new JsonArray("openid", "profile", "email");
        var gateway = await Stack.StartGatewayAsync(configuration);
        using var client = new CookieClient();
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        var cookie = await SignInAtAsync(gateway.Url, browser);
        Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(gateway.Url, "/me", cookie));

        await ShortLivedTokens.UntilExpiredAsync();
        using var refused = await client.GetAsync(gateway.Url, "/me", cookie);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.StartsWith("orggw=; expires=Thu, 01 Jan 1970", Assert.Single(refused.Headers.GetValues("Set-Cookie")));
    }

    [Fact]
    [Trait("Row", "S17")]
    [Trait("Row", "A14")]
    [Trait("Row", "G5")]
    public async Task Fifty_parallel_requests_at_expiry_cause_one_refresh_and_the_next_refresh_works()
    {
        using var browser = await Stack.SignedInAsync("carol@initech.test");
        var cookie = Stack.SessionOf(browser)!;
        await ShortLivedTokens.UntilExpiredAsync();
        using var client = new CookieClient();
        var before = Stack.Provider.Counters.RefreshGrants.Value;
        var statuses = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.StatusAsync(Stack.Url, "/me", cookie)));
        Assert.Equal(Enumerable.Repeat(HttpStatusCode.OK, 50), statuses);
        Assert.Equal(1, Stack.Provider.Counters.RefreshGrants.Value - before);

        await ShortLivedTokens.UntilExpiredAsync();
        Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(Stack.Url, "/me", cookie));
        Assert.Equal(2, Stack.Provider.Counters.RefreshGrants.Value - before);
        Assert.Equal(0, Stack.Provider.Counters.ReuseDetections.Value);
    }

    [Theory]
    [InlineData("503")]
    [InlineData("500")]
    [InlineData("429")]
    [InlineData("HTML")]
    [InlineData("timeout")]
    [InlineData("reset")]
    [Trait("Row", "T121")]
    [Trait("Row", "O57")]
    [Trait("Row", "G5")]
    public async Task A_token_endpoint_that_is_down_signs_nobody_out(string how)
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        var gateway = servers.EarlyGateway.Url;
        using var client = new CookieClient();
        var cookie = await SignInAtAsync(gateway, browser);
        var asked = Stack.Provider.Counters.Token.Value;
        Stack.Provider.Faults.Token = how switch
        {
            "HTML" => new() { Status = 200, Body = "<html>maintenance</html>" },
            "timeout" => new() { Hangs = true },
            "reset" => new() { Breaks = true },
            var status => new() { Status = int.Parse(status, CultureInfo.InvariantCulture) },
        };
        try
        {
            // The refresh fails behind the requests, which go on with the token they have while it lives. The gateway may still leave
            // the provider in peace for a while after an earlier case, and so may try only after that.
            await Wait.UntilAsync(
                async () =>
                {
                    Assert.True(await client.StatusAsync(gateway, "/me", cookie) is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable);
                    return Stack.Provider.Counters.Token.Value > asked;
                },
                TimeSpan.FromSeconds(40),
                "a refresh is tried");
            await ShortLivedTokens.UntilExpiredAsync();
            using var waiting = await client.GetAsync(gateway, "/me", cookie);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, waiting.StatusCode);
            Assert.NotNull(waiting.Headers.RetryAfter);
            Assert.False(waiting.Headers.Contains("Set-Cookie"));
        }
        finally
        {
            Stack.Provider.Faults.Token = null;
        }
        await Wait.UntilAsync(
            async () => await client.StatusAsync(gateway, "/me", cookie) == HttpStatusCode.OK, TimeSpan.FromSeconds(45), "the session goes on");
    }

    [Fact]
    [Trait("Row", "G5")]
    public async Task Logout_ends_a_session_that_was_refreshed()
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        var cookie = Stack.SessionOf(browser)!;
        await ShortLivedTokens.UntilExpiredAsync();
        await TokenUpstreamSeesAsync(browser);
        var end = await browser.GetAsync("/auth/logout", CancellationToken.None);
        Assert.Equal((200, "/auth/signed-out"), (end.Status, end.Url.AbsolutePath));
        using var client = new CookieClient();
        Assert.Equal(HttpStatusCode.Unauthorized, await client.StatusAsync(Stack.Url, "/me", cookie));
    }

    /// <summary>Signs in at a gateway beside the first one, whose public origin it shares, with a browser that the provider knows.</summary>
    private static async Task<string> SignInAtAsync(Uri gateway, DemoBrowser browser)
    {
        var login = await PendingLogin.BeginAsync(browser, new Uri(gateway, "/auth/login?next=/me").AbsoluteUri);
        await login.ReturnAsync(new Uri(gateway, login.Callback.PathAndQuery).AbsoluteUri);
        return browser.Cookies.Value(gateway, "orggw")!;
    }

    private async Task<string> TokenUpstreamSeesAsync(DemoBrowser browser)
    {
        var path = $"/orgs/globex/{Interlocked.Increment(ref _paths)}";
        Assert.Equal(200, (await browser.GetOneAsync(path, CancellationToken.None)).Status);
        return Stack.Upstream.Requests.Single(request => request.RawTarget == path).Header("Authorization")!;
    }
}
