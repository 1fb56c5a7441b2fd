using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using OrgGateway.Jose;
using OrgGateway.Proxy;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.ForwardAuth;

/// <summary>The gateway asked by other proxies: first by hand, then by the real ones.</summary>
public sealed class ForwardAuthChainTests(ForwardAuthServers servers) : IClassFixture<ForwardAuthServers>, IDisposable
{
    private readonly HttpClient _http = Client("127.0.0.1");

    private GatewayStack Stack => servers.Stack;

    [Fact]
    public async Task Who_may_pass_is_told_with_the_headers_that_would_have_been_forwarded()
    {
        var cookie = await CookieAsync("alice@acme.test");
        using var answer = await AskAsync("/orgs/acme/api/echo?q=1", cookie: cookie);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(("user", "u-alice", "org_acme", "acme", "admin"), (Header(answer, "X-Auth-Type"), Header(answer, "X-Auth-User-Id"), Header(answer, "X-Auth-Org-Id"), Header(answer, "X-Auth-Org-Slug"), Header(answer, "X-Auth-Roles")));
        Assert.StartsWith("Bearer ey", Header(answer, "Authorization"), StringComparison.Ordinal);
        Assert.Equal(IdentityHeaders.Names.Order(StringComparer.Ordinal), answer.Headers.Select(h => h.Key).Where(h => h.StartsWith("X-Auth-", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal));
        Assert.Equal("", Header(answer, "X-Auth-Key-Id")); // there, and empty: what a client sent under the name is overwritten
        var keys = JsonWebKeySet.TryParse(await _http.GetByteArrayAsync(new Uri(Stack.Url, "/auth/.well-known/jwks.json")))!;
        var claims = Assert.IsType<JwsResult.Valid>(Jws.Verify(Header(answer, "X-Auth-Assertion")!, keys, new(new HashSet<string> { "ES256" }))).Payload;
        Assert.Equal(("app", "organization", "DELETE"), (Text(claims, "aud"), Text(claims, "route"), Text(await ClaimsAsync("DELETE", cookie, keys), "method")));
    }

    [Fact]
    public async Task Who_may_not_pass_is_answered_as_everywhere()
    {
        var cookie = await CookieAsync("alice@acme.test");
        Assert.Equal((401, null), await OutcomeAsync("/orgs/acme/"));
        Assert.Equal((302, "/auth/login?next=%2Forgs%2Facme%2F%3Fa%3D1"), await OutcomeAsync("/orgs/acme/?a=1", page: true));
        Assert.Equal((403, null), await OutcomeAsync("/orgs/initech/", cookie));
        Assert.Equal((403, null), await OutcomeAsync("/orgs/globex/admin/", cookie));
        Assert.Equal((404, null), await OutcomeAsync("/unlisted", cookie));
        Assert.Equal((400, null), await OutcomeAsync("/orgs/acme%2f..%2fglobex/", cookie));
        Assert.Equal((405, null), await OutcomeAsync("/orgs/acme/", cookie, method: "TRACE"));
        Assert.Equal((200, null), await OutcomeAsync("/"));
        Assert.Equal((200, null), await OutcomeAsync("/assets/a.css"));
        Assert.Equal((404, null), await OutcomeAsync("/auth/session", cookie));
        using var redirected = await AskAsync("/orgs/acme/", page: true);
        Assert.Equal(("strict-origin-when-cross-origin", true), (Header(redirected, "Referrer-Policy"), redirected.Headers.CacheControl!.NoStore));
    }

    [Fact]
    public async Task Proxies_that_know_only_401_and_403_get_those_and_the_rest_in_headers()
    {
        var cookie = await CookieAsync("alice@acme.test");
        foreach (var (path, session, page, status, told, redirect) in new (string, string?, bool, int, string, string?)[]
        {
            ("/orgs/acme/", null, true, 401, "302", "/auth/login?next=%2Forgs%2Facme%2F"),
            ("/orgs/acme/", null, false, 401, "401", null),
            ("/orgs/initech/", cookie, true, 403, "403", null),
            ("/unlisted", cookie, false, 403, "404", null),
        })
        {
            using var answer = await SendAsync("/auth/verify", session, page, ("X-Original-URI", path), ("X-Original-Method", "GET"));
            Assert.Equal((status, told, redirect), ((int)answer.StatusCode, Header(answer, "X-Auth-Status"), Header(answer, "X-Auth-Redirect")));
            Assert.Null(answer.Headers.Location);
        }
    }

    [Fact]
    public async Task The_path_that_Envoy_appends_is_the_one_that_is_decided()
    {
        var cookie = await CookieAsync("alice@acme.test");
        using var good = await SendAsync("/auth/verify/orgs/acme/x?y=1", cookie, false);
        Assert.Equal((HttpStatusCode.OK, "acme"), (good.StatusCode, Header(good, "X-Auth-Org-Slug")));
        using var bad = await SendAsync("/auth/verify/orgs/acme%2f..%2fglobex/", cookie, false);
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
    }

    [Fact, Trait("Row", "T11")]
    public async Task A_request_described_twice_or_not_at_all_is_not_decided()
    {
        var cookie = await CookieAsync("alice@acme.test");
        foreach (var headers in new (string, string)[][]
        {
            [],
            [("X-Forwarded-Uri", "/orgs/acme/"), ("X-Forwarded-Method", "GET"), ("X-Original-URI", "/")],
            [("X-Forwarded-Uri", "/orgs/acme/"), ("X-Forwarded-Uri", "/"), ("X-Forwarded-Method", "GET")],
            [("X-Forwarded-Uri", "orgs/acme"), ("X-Forwarded-Method", "GET")],
            [("X-Forwarded-Uri", ""), ("X-Forwarded-Method", "GET")],
            [("X-Forwarded-Uri", "http://[::1"), ("X-Forwarded-Method", "GET")],
            [("X-Original-URL", "ftp://app.example/"), ("X-Original-Method", "GET")],
        })
        {
            using var answer = await SendAsync("/auth/verify", cookie, false, headers);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal("invalid_forward_auth", JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString());
        }
        using var both = await SendAsync("/auth/verify/orgs/acme/", cookie, false, ("X-Forwarded-Uri", "/"), ("X-Forwarded-Method", "GET"));
        Assert.Equal(HttpStatusCode.BadRequest, both.StatusCode);
    }

    [Fact, Trait("Row", "T27"), Trait("Row", "T28"), Trait("Row", "T29")]
    public async Task A_path_that_an_app_may_read_as_another_one_does_not_pass()
    {
        foreach (var path in new[] { "/assets/../orgs/acme/x", "/assets/%2e%2e/orgs/acme/x", "/assets/.%2E/orgs/acme/x", "/assets/./x", "/assets/..", "/assets/..;/orgs/acme/x", "/assets/x%2f..%2f..%2forgs", "/%zz", "/assets/%c0%ae%c0%ae/x" })
        {
            Assert.Equal((400, null), await OutcomeAsync(path));
            using var nginx = await SendAsync("/auth/verify", null, false, ("X-Original-URI", path), ("X-Original-Method", "GET"));
            Assert.Equal((403, "400"), ((int)nginx.StatusCode, Header(nginx, "X-Auth-Status")));
        }
        var envoy = await Servers.RawHttp.GetAsync(Stack.Url, "/auth/verify/assets/../orgs/acme/x");
        Assert.Equal(400, envoy.Status);
        var before = servers.App.Hits;
        foreach (var proxy in new[] { "nginx", "caddy", "haproxy" })
            foreach (var path in new[] { "/assets/%2e%2e/orgs/acme/x", "/assets/../orgs/acme/x" })
                Assert.InRange((await Servers.RawHttp.GetAsync(servers.UrlOf(proxy), path)).Status, 400, 403);
        Assert.Equal(before, servers.App.Hits);
    }

    [Fact]
    public async Task Without_a_method_the_proxys_own_counts_where_no_route_tells_methods_apart()
    {
        var cookie = await CookieAsync("alice@acme.test");
        foreach (var header in new[] { "X-Original-URI", "X-Forwarded-Uri" })
        {
            using var answer = await SendAsync("/auth/verify", cookie, false, (header, "/orgs/acme/x"));
            Assert.Equal((HttpStatusCode.OK, "acme"), (answer.StatusCode, Header(answer, "X-Auth-Org-Slug")));
        }
        await using var other = await GatewayStack.StartAsync(new()
        {
            Configure = (_, configuration) =>
            {
                configuration["Gateway"]!["TrustedProxies"] = new System.Text.Json.Nodes.JsonArray("127.0.0.1");
                configuration["ReverseProxy"]!["Routes"]!["write"] = System.Text.Json.Nodes.JsonNode.Parse("""{ "ClusterId": "app", "Match": { "Path": "/assets/write", "Methods": ["POST"] } }""");
            },
        });
        foreach (var (lines, status) in new (string[], int)[]
        {
            (["X-Original-URI: /assets/write"], 400), (["X-Original-URI: /assets/write", "X-Original-Method: POST"], 401), (["X-Original-URI: /assets/write", "X-Original-Method: GET"], 200),
        })
            Assert.Equal(status, (await Servers.RawHttp.GetAsync(other.Url, "/auth/verify", lines)).Status);
    }

    [Fact]
    public async Task Nobody_but_a_known_proxy_is_told_anything()
    {
        var cookie = await CookieAsync("alice@acme.test");
        using var stranger = Client("127.0.0.2");
        using var request = Request("/auth/verify", cookie, false, ("X-Forwarded-Uri", "/orgs/acme/"), ("X-Forwarded-Method", "GET"), ("X-Forwarded-For", "127.0.0.1"));
        using var answer = await stranger.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.DoesNotContain(answer.Headers, h => h.Key.StartsWith("X-Auth-", StringComparison.OrdinalIgnoreCase) || h.Key == "Authorization");
    }

    [Theory, Trait("Row", "T3"), Trait("Row", "T11")]
    [InlineData("nginx")]
    [InlineData("caddy")]
    [InlineData("haproxy")]
    public async Task Through_a_real_proxy_the_app_gets_what_is_verified_and_nothing_else(string proxy)
    {
        var cookie = await CookieAsync("alice@acme.test");
        var url = servers.UrlOf(proxy);
        using var request = Request(new Uri(url, "/orgs/acme/things?q=1").AbsoluteUri, cookie, false,
            ("X-Auth-Org-Id", "evil"), ("x-auth-ROLES", "evil"), ("X_Auth_Org_Id", "evil"), ("X-Auth-Key-Id", "evil"), ("X-Auth-Reference", "evil"), ("Authorization", "Bearer evil"), ("X-Forwarded-Uri", "/"), ("X-Original-URI", "/"));
        using var answer = await _http.SendAsync(request);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{proxy} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}\n{servers.OutputOf(proxy)}");
        var arrived = servers.App.LastRequest;
        Assert.Equal("/orgs/acme/things?q=1", arrived.RawTarget);
        Assert.Equal(("org_acme", "acme", "admin", "u-alice", "user"), (arrived.Header("X-Auth-Org-Id"), arrived.Header("X-Auth-Org-Slug"), arrived.Header("X-Auth-Roles"), arrived.Header("X-Auth-User-Id"), arrived.Header("X-Auth-Type")));
        Assert.DoesNotContain(arrived.Headers, h => h.Key.Contains("auth", StringComparison.OrdinalIgnoreCase) && h.Value.Contains("evil", StringComparison.Ordinal));
        Assert.StartsWith("Bearer ey", arrived.Header("Authorization"), StringComparison.Ordinal);
        Assert.True(string.IsNullOrEmpty(arrived.Header("X-Auth-Key-Id")));
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("caddy")]
    [InlineData("haproxy")]
    public async Task Through_a_real_proxy_nobody_passes_who_may_not(string proxy)
    {
        var cookie = await CookieAsync("alice@acme.test");
        var url = servers.UrlOf(proxy);
        var before = servers.App.Hits;
        foreach (var (path, session, page, status) in new (string, string?, bool, int)[]
        {
            ("/orgs/acme/x", null, false, 401), ("/orgs/acme/x?a=b", null, true, 302), ("/orgs/initech/x", cookie, false, 403), ("/orgs/globex/admin/x", cookie, true, 403), ("/auth/verify", cookie, false, 404),
        })
        {
            using var request = Request(new Uri(url, path).AbsoluteUri, session, page, ("X-Forwarded-Uri", "/"), ("X-Forwarded-Method", "GET"), ("X-Original-URI", "/"));
            using var answer = await _http.SendAsync(request);
            Assert.True((int)answer.StatusCode == status, $"{proxy} {path}: {(int)answer.StatusCode}\n{servers.OutputOf(proxy)}");
            if (status == 302)
                Assert.EndsWith("/auth/login?next=%2Forgs%2Facme%2Fx%3Fa%3Db", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }
        using var session200 = await _http.SendAsync(Request(new Uri(url, "/auth/session").AbsoluteUri, cookie, false));
        Assert.Contains("\"authenticated\":true", await session200.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(before, servers.App.Hits);
    }

    public void Dispose() => _http.Dispose();

    // Every address of 127.0.0.0/8 is this machine's own: a second one stands for another host.
    private static HttpClient Client(string from) => new(new SocketsHttpHandler
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        UseProxy = false,
        ConnectCallback = async (context, cancel) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    private static string Text(JsonElement claims, string name) => claims.GetProperty(name).GetString()!;

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(",", values) : null;

    private async Task<JsonElement> ClaimsAsync(string method, string cookie, JsonWebKeySet keys)
    {
        using var answer = await AskAsync("/orgs/acme/x", method, cookie);
        return Assert.IsType<JwsResult.Valid>(Jws.Verify(Header(answer, "X-Auth-Assertion")!, keys, new(new HashSet<string> { "ES256" }))).Payload;
    }

    private async Task<string> CookieAsync(string email)
    {
        using var browser = await Stack.SignedInAsync(email);
        return "orggw=" + Stack.SessionOf(browser);
    }

    private Task<HttpResponseMessage> AskAsync(string path, string method = "GET", string? cookie = null, bool page = false) =>
        SendAsync("/auth/verify", cookie, page, ("X-Forwarded-Uri", path), ("X-Forwarded-Method", method));

    private async Task<(int, string?)> OutcomeAsync(string path, string? cookie = null, bool page = false, string method = "GET")
    {
        using var answer = await AskAsync(path, method, cookie, page);
        return ((int)answer.StatusCode, answer.Headers.Location?.OriginalString);
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string? cookie, bool page, params (string, string)[] headers)
    {
        using var request = Request(path, cookie, page, headers);
        return await _http.SendAsync(request);
    }

    private HttpRequestMessage Request(string path, string? cookie, bool page, params (string, string)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Stack.Url, path));
        if (cookie is not null)
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        if (page)
            request.Headers.TryAddWithoutValidation("Accept", "text/html");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }
}
