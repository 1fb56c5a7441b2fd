using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>The way out: here first, then at the provider.</summary>
public sealed class LogoutChainTests(DemoServersOnRedis demo) : IClassFixture<DemoServersOnRedis>
{
    private GatewayStack Stack => demo.Stack;

    [Fact]
    [Trait("Row", "S6")]
    public async Task Logout_ends_the_session_in_the_store_and_then_at_the_provider()
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        var session = Stack.SessionOf(browser)!;
        Assert.Contains(StoredSession.KeyOf(session), (await demo.Redis.DumpAllAsync()).Keys);

        var answer = await browser.GetOneAsync("/auth/logout", CancellationToken.None);
        // Before the provider hears of it, nothing is left here.
        Assert.DoesNotContain(StoredSession.KeyOf(session), (await demo.Redis.DumpAllAsync()).Keys);
        Assert.Null(Stack.SessionOf(browser));
        var deleted = Assert.Single(answer.Hops[0].SetCookies);
        Assert.StartsWith("orggw=; expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/; samesite=lax; httponly", deleted);
        Assert.Equal(302, answer.Status);
        var location = answer.Hops[0].Location!;
        Assert.StartsWith(Stack.Provider.Issuer + "/end-session?", location.AbsoluteUri);
        Assert.Equal(3, PendingLogin.Of(location, "id_token_hint").Split('.').Length);
        Assert.Equal("gateway", PendingLogin.Of(location, "client_id"));
        Assert.Equal($"{Stack.Origin}/auth/signed-out", PendingLogin.Of(location, "post_logout_redirect_uri"));
        Assert.NotEmpty(PendingLogin.Of(location, "state"));

        var end = await browser.GetAsync(location.AbsoluteUri, CancellationToken.None);
        Assert.Equal((200, "/auth/signed-out"), (end.Status, end.Url.AbsolutePath));
        Assert.Contains("You are signed out", end.Body);
        // The provider has forgotten the person too: the next login shows its form.
        Assert.Equal("/sign-in", (await browser.GetAsync("/auth/login", CancellationToken.None)).Url.AbsolutePath);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?state=of-somebody-else")]
    [InlineData("?state=a&state=b")]
    [Trait("Row", "O61")]
    public async Task The_return_from_the_provider_needs_no_state(string query)
    {
        using var browser = Stack.BrowserFor();
        var page = await browser.GetAsync("/auth/signed-out" + query, CancellationToken.None);
        Assert.Equal(200, page.Status);
        Assert.Contains("You are signed out", page.Body);
    }

    [Fact]
    [Trait("Row", "S8")]
    public async Task A_script_that_signs_out_gets_JSON_and_a_navigation_a_redirect()
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/auth/logout");
        request.Headers.Add("Sec-Fetch-Mode", "cors");
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        request.Headers.Add("Origin", Stack.Origin);
        using var answer = await browser.SendAsync(request, CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        var url = (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["logoutUrl"];
        Assert.StartsWith(Stack.Provider.Issuer + "/end-session?id_token_hint=", url);
        Assert.Null(Stack.SessionOf(browser));

        using var other = await Stack.SignedInAsync("alice@acme.test");
        Assert.Equal(302, (await other.GetOneAsync("/auth/logout", CancellationToken.None)).Status);

        using var third = await Stack.SignedInAsync("alice@acme.test");
        using var empty = new HttpRequestMessage(HttpMethod.Post, "/auth/logout");
        empty.Headers.Add("Accept", "text/html");
        using var posted = await third.SendAsync(empty, CancellationToken.None);
        Assert.Equal(HttpStatusCode.Found, posted.StatusCode);
    }

    [Theory]
    [InlineData("GET", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: image", "Sec-Fetch-Mode: no-cors")]
    [InlineData("GET", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate")]
    [InlineData("GET", "Sec-Fetch-Site: same-site", "Sec-Fetch-Dest: image", "Sec-Fetch-Mode: no-cors")]
    [InlineData("GET", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Dest: image", "Sec-Fetch-Mode: no-cors")]
    [InlineData("GET", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate", "Sec-Purpose: prefetch;prerender")]
    [InlineData("GET", "Referer: https://evil.test/page")]
    [InlineData("POST", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Origin: https://evil.test")]
    [InlineData("POST", "Origin: https://evil.test")]
    [InlineData("POST", "Origin: null")]
    [Trait("Row", "S45")]
    [Trait("Row", "O62")]
    [Trait("Row", "T59")]
    public async Task Another_site_cannot_sign_anybody_out(string method, params string[] headers)
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        using var foreign = new HttpRequestMessage(new HttpMethod(method), "/auth/logout");
        foreach (var header in headers)
            foreign.Headers.Add(header.Split(": ")[0], header.Split(": ")[1]);
        foreign.Headers.Add("Accept", "text/html");
        using var refused = await browser.SendAsync(foreign, CancellationToken.None);
        Assert.False(refused.Headers.Contains("Set-Cookie"));
        Assert.Null(refused.Headers.Location);
        Assert.Equal(200, (await browser.GetOneAsync("/me", CancellationToken.None)).Status);

        using var own = new HttpRequestMessage(HttpMethod.Get, "/auth/logout");
        own.Headers.Add("Accept", "text/html");
        own.Headers.Add("Sec-Fetch-Site", "same-origin");
        own.Headers.Add("Sec-Fetch-Mode", "navigate");
        own.Headers.Add("Referer", Stack.Origin + "/me");
        using var done = await browser.SendAsync(own, CancellationToken.None);
        Assert.Equal(HttpStatusCode.Found, done.StatusCode);
        Assert.Null(Stack.SessionOf(browser));
    }

    [Fact]
    [Trait("Row", "T46")]
    public async Task A_cookie_kept_from_before_is_worth_nothing_after_logout_on_any_replica()
    {
        var replica = await Stack.StartReplicaAsync();
        using var client = new CookieClient();
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        var session = Stack.SessionOf(browser)!;
        foreach (var gateway in new[] { Stack.Url, replica.Url })
            Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(gateway, "/me", session));

        await browser.GetOneAsync("/auth/logout", CancellationToken.None);
        Assert.Equal(HttpStatusCode.Unauthorized, await client.StatusAsync(Stack.Url, "/me", session));
        await Wait.UntilAsync(
            async () => await client.StatusAsync(replica.Url, "/me", session) == HttpStatusCode.Unauthorized, TimeSpan.FromSeconds(1), "the replica hears of the logout");
        browser.Cookies.Set(Stack.Url, "orggw", session);
        var page = await browser.GetOneAsync("/me", CancellationToken.None);
        Assert.Equal((302, "/auth/login"), (page.Status, page.Hops[0].Location!.AbsolutePath));
        Assert.Null(Stack.SessionOf(browser));
    }
}
