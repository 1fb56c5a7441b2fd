using System.Buffers.Text;
using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>From a browser's first request to the page it asked for.</summary>
public sealed class LoginChainTests(DemoServers demo) : IClassFixture<DemoServers>
{
    private GatewayStack Stack => demo.Stack;

    [Fact]
    [Trait("Row", "S1")]
    [Trait("Row", "O10")]
    [Trait("Row", "O13")]
    public async Task A_login_asks_for_a_code_with_state_nonce_and_a_challenge_that_differ_each_time()
    {
        using var browser = Stack.BrowserFor();
        var first = await AuthorizeAsync(browser);
        var second = await AuthorizeAsync(browser);

        Assert.StartsWith(Stack.Provider.Issuer + "/authorize?", first.AbsoluteUri);
        Assert.Equal("code", PendingLogin.Of(first, "response_type"));
        Assert.Equal("gateway", PendingLogin.Of(first, "client_id"));
        Assert.Equal($"{Stack.Origin}/auth/callback", PendingLogin.Of(first, "redirect_uri"));
        Assert.Equal("openid profile email offline_access", PendingLogin.Of(first, "scope"));
        Assert.Equal("S256", PendingLogin.Of(first, "code_challenge_method"));
        foreach (var random in new[] { "state", "nonce", "code_challenge" })
        {
            Assert.Equal(32, Base64Url.DecodeFromChars(PendingLogin.Of(first, random)).Length);
            Assert.NotEqual(PendingLogin.Of(first, random), PendingLogin.Of(second, random));
        }

        // Nothing but the code flow can be configured.
        var other = Stack.Configuration.DeepClone().AsObject();
        other["Gateway"]!["IdentityProviders"]!["main"]!["ResponseType"] = "id_token";
        var refused = await GatewayProcess.RunToExitAsync(["serve"], other.ToJsonString());
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("ResponseType", refused.Output);
    }

    [Fact]
    [Trait("Row", "S2")]
    [Trait("Row", "S20")]
    [Trait("Row", "G8")]
    [Trait("Row", "O13")]
    public async Task A_deep_link_is_where_the_browser_lands_after_the_login_with_one_opaque_cookie()
    {
        const string Link = "/orgs/acme/a%20b%23c/d?x=1%26y&z=%23t&empty=";
        using var browser = Stack.BrowserFor();
        var end = await browser.SignInAsync(Link, "alice@acme.test", CancellationToken.None);

        Assert.Equal((200, Stack.Origin + Link), (end.Status, end.Url.AbsoluteUri));
        var arrived = Stack.Upstream.Requests.Last(request => request.RawTarget.StartsWith("/orgs/acme/a", StringComparison.Ordinal));
        Assert.Equal(Link, arrived.RawTarget);
        Assert.Equal("alice@acme.test", arrived.Header("X-Auth-User-Email"));
        var callback = end.Hops.Single(hop => hop.Url.AbsolutePath == "/auth/callback");
        var set = callback.SetCookies.Where(line => line.StartsWith("orggw=", StringComparison.Ordinal)).ToList();
        Assert.Equal(43, Assert.Single(set).Split(';')[0]["orggw=".Length..].Length);
        Assert.Equal(["orggw"], browser.Cookies.Names(Stack.Url));
    }

    [Fact]
    [Trait("Row", "S9")]
    [Trait("Row", "A16")]
    [Trait("Row", "O73")]
    public async Task Behind_https_the_cookie_is_secure_and_of_this_host_alone_and_new_at_every_login()
    {
        const string Origin = "https://app.example.test";
        Stack.Provider.Register(new("gateway-https") { Secret = "secret-of-the-https-gateway", RedirectUris = [$"{Origin}/auth/callback"] });
        var configuration = DemoConfiguration.Of($"http://127.0.0.1:{FreePort.Next()}", Stack.Provider.Issuer, Stack.Upstream.Url);
        configuration["Gateway"]!["PublicOrigin"] = Origin;
        configuration["Gateway"]!["TrustedProxies"] = new JsonArray("127.0.0.1");
        configuration["Gateway"]!["IdentityProviders"]!["main"]!["ClientId"] = "gateway-https";
        configuration["Gateway"]!["IdentityProviders"]!["main"]!["ClientSecret"] = "secret-of-the-https-gateway";
        var gateway = await Stack.StartGatewayAsync(configuration);
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        var planted = new string('A', 43);
        browser.Cookies.Set(gateway.Url, "__Host-orggw", planted);

        var ids = new List<string> { planted };
        for (var login = 0; login < 2; login++)
        {
            using var begun = await ThroughProxyAsync(browser, new Uri(gateway.Url, "/auth/login?next=/me"));
            var transaction = Assert.Single(begun.Headers.GetValues("Set-Cookie"));
            Assert.StartsWith("__Secure-orggw-login-", transaction);
            Assert.Contains("path=/auth/callback; secure; samesite=lax; httponly", transaction);
            var answered = await browser.GetOneAsync(begun.Headers.Location!.AbsoluteUri, CancellationToken.None);
            var callback = answered.Hops[0].Location!;
            Assert.StartsWith(Origin + "/auth/callback?", callback.AbsoluteUri);

            using var ended = await ThroughProxyAsync(browser, new Uri(gateway.Url, callback.PathAndQuery));
            Assert.Equal("/me", ended.Headers.Location!.OriginalString);
            var cookie = Assert.Single(ended.Headers.GetValues("Set-Cookie"), line => line.StartsWith("__Host-orggw=", StringComparison.Ordinal));
            Assert.Equal(["path", "secure", "samesite", "httponly", "expires"], cookie.Split("; ").Skip(1).Select(part => part.Split('=')[0]).OrderBy(Order));
            Assert.Contains("; path=/; secure; samesite=lax; httponly", cookie);
            ids.Add(browser.Cookies.Value(gateway.Url, "__Host-orggw")!);
        }

        Assert.Equal(3, ids.Distinct().Count());
        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.OK], await StatusesAsync(gateway, ids));

        static int Order(string attribute) => Array.IndexOf(["path", "secure", "samesite", "httponly", "expires"], attribute);
    }

    [Fact]
    [Trait("Row", "G19")]
    public async Task The_redirect_URI_does_not_follow_the_Host_header()
    {
        using var browser = Stack.BrowserFor();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/auth/login");
        request.Headers.Host = "evil.test";
        request.Headers.Add("X-Forwarded-Host", "evil.test");
        using var answer = await browser.SendAsync(request, CancellationToken.None);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.DoesNotContain("evil", answer.Headers.Location!.AbsoluteUri);
        Assert.Equal($"{Stack.Origin}/auth/callback", PendingLogin.Of(answer.Headers.Location, "redirect_uri"));
    }

    [Fact]
    [Trait("Row", "O18")]
    public async Task Scripts_sockets_and_posts_never_begin_a_login()
    {
        foreach (var request in NotNavigations())
        {
            using var browser = Stack.BrowserFor();
            using var answer = await browser.SendAsync(request, CancellationToken.None);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.False(answer.Headers.Contains("Set-Cookie"));
            Assert.Null(answer.Headers.Location);
            request.Dispose();
        }
    }

    [Fact]
    [Trait("Row", "S22")]
    public async Task A_protected_API_answers_401_as_problem_json_without_a_redirect()
    {
        var hits = Stack.Upstream.Hits;
        using var browser = Stack.BrowserFor();
        using var answer = await browser.SendAsync(new(HttpMethod.Get, "/orgs/acme/api/echo"), CancellationToken.None);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Null(answer.Headers.Location);
        Assert.NotEmpty(answer.Headers.WwwAuthenticate);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(("unauthenticated", 401), ((string?)problem["error"], (int)problem["status"]!));
        Assert.DoesNotContain(Stack.Upstream.Requests.Skip(hits), request => request.RawTarget == "/orgs/acme/api/echo");
    }

    internal static IEnumerable<HttpRequestMessage> NotNavigations()
    {
        foreach (var path in new[] { "/me", "/auth/login" })
        {
            var fetch = new HttpRequestMessage(HttpMethod.Get, path);
            fetch.Headers.Add("Accept", "text/html");
            fetch.Headers.Add("Sec-Fetch-Mode", "cors");
            yield return fetch;
        }
        var socket = new HttpRequestMessage(HttpMethod.Get, "/orgs/acme/live");
        socket.Headers.Connection.Add("Upgrade");
        socket.Headers.Upgrade.Add(new("websocket"));
        socket.Headers.Add("Sec-WebSocket-Version", "13");
        socket.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        socket.Headers.Add("Accept", "text/html");
        yield return socket;
        var post = new HttpRequestMessage(HttpMethod.Post, "/me");
        post.Headers.Add("Accept", "text/html");
        yield return post;
    }

    private static async Task<Uri> AuthorizeAsync(DemoBrowser browser)
    {
        var begun = await browser.GetOneAsync("/auth/login", CancellationToken.None);
        Assert.Equal(302, begun.Status);
        return begun.Hops[0].Location!;
    }

    private static Task<HttpResponseMessage> ThroughProxyAsync(DemoBrowser browser, Uri url)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "app.example.test");
        request.Headers.Add("Accept", "text/html");
        return browser.SendAsync(request, CancellationToken.None);
    }

    private static async Task<HttpStatusCode[]> StatusesAsync(GatewayProcess gateway, IEnumerable<string> ids)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
        var statuses = new List<HttpStatusCode>();
        foreach (var id in ids)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Url, "/me"));
            request.Headers.Add("Cookie", "__Host-orggw=" + id);
            using var answer = await http.SendAsync(request);
            statuses.Add(answer.StatusCode);
        }
        return [.. statuses];
    }
}
