using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Jose;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Proxy;

/// <summary>A running gateway over real Redis, provider and upstream: the URL names the organization, and the upstream gets what is verified and nothing else.</summary>
public sealed class OrganizationOfTheUrlChainTests(DemoServersOnRedis demo) : IClassFixture<DemoServersOnRedis>, IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false });

    private GatewayStack Stack => demo.Stack;

    [Fact, Trait("Row", "K4"), Trait("Row", "G17"), Trait("Row", "T1")]
    public async Task What_a_caller_says_of_itself_never_arrives()
    {
        var cookie = await CookieAsync("alice@acme.test");
        var names = new[] { "X-Auth-Org-Id", "x-auth-ROLES", "X_Auth_Org_Id", "X.Auth.User.Id", "X-Auth-Assertion", "X_Forwarded_For", "X-Forwarded-For", "X-Original-URL", "Forwarded", "X-Auth" + new string('-', 80) + "Org_Id" };
        var arrived = await ForwardedAsync("/orgs/globex/api/echo", cookie + "; theme=dark", request =>
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer evil");
            foreach (var name in names)
                request.Headers.TryAddWithoutValidation(name, "evil");
            request.Headers.TryAddWithoutValidation("Connection", "keep-alive, x-auth-org-id");
        });

        Assert.DoesNotContain(arrived.Headers, h => h.Value.Contains("evil", StringComparison.Ordinal));
        Assert.Equal(("org_globex", "globex", "viewer"), (arrived.Header("X-Auth-Org-Id"), arrived.Header("X-Auth-Org-Slug"), arrived.Header("X-Auth-Roles")));
        Assert.Equal("theme=dark", arrived.Header("Cookie"));
        Assert.StartsWith("Bearer ey", arrived.Header("Authorization"), StringComparison.Ordinal);
    }

    [Fact, Trait("Row", "G3")]
    public async Task A_role_holds_in_its_own_organization_only()
    {
        var cookie = await CookieAsync("alice@acme.test");

        Assert.Equal(HttpStatusCode.OK, (await SendAsync("/orgs/acme/admin/", cookie)).Status);
        var (status, body) = await SendAsync("/orgs/globex/admin/", cookie);
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Equal(("missing_permission", "admin"), ((string?)body!["code"], (string?)body["missing"]));
    }

    [Fact, Trait("Row", "G6"), Trait("Row", "A7")]
    public async Task Nothing_unauthenticated_reaches_the_upstream()
    {
        var before = Stack.Upstream.Hits;
        foreach (var method in new[] { "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "FOO" })
            foreach (var path in new[] { "/me", "/orgs/acme/", "/orgs/acme/report.js", "/orgs/acme/admin/", "/orgs/org_acme/reports/x", "/orgs/acme/live", "/unlisted", "/ME", "/orgs//x" })
            {
                using var request = new HttpRequestMessage(new(method), new Uri(Stack.Url, path));
                using var answer = await _http.SendAsync(request);
                Assert.False(answer.IsSuccessStatusCode, $"{method} {path} answered {(int)answer.StatusCode}");
            }
        Assert.Equal(before, Stack.Upstream.Hits);
    }

    [Fact, Trait("Row", "C16")]
    public async Task An_organization_that_is_not_the_callers_is_never_another_one()
    {
        var cookie = await CookieAsync("alice@acme.test");
        var before = Stack.Upstream.Hits;

        foreach (var typo in new[] { "acm", "ACME", "acme2", "initech", "org_initech", "acme-" })
            Assert.Equal((HttpStatusCode.Forbidden, "not_a_member"), Code(await SendAsync($"/orgs/{typo}/api/echo", cookie)));
        foreach (var bad in new[] { "acme%2f..%2fbeta", "acme%00", "%EF%BD%81cme", "acme%5c", new string('a', 300) })
            Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync($"/orgs/{bad}/api/echo", cookie)).Status);
        Assert.Equal(before, Stack.Upstream.Hits);
    }

    [Fact, Trait("Row", "C14"), Trait("Row", "C8"), Trait("Row", "C5")]
    public async Task Page_api_and_socket_agree_on_the_organization_by_slug_and_by_id()
    {
        var cookie = await CookieAsync("alice@acme.test");
        foreach (var name in new[] { "acme", "org_acme" })
        {
            var page = await ForwardedAsync($"/orgs/{name}/projects", cookie, request => request.Headers.TryAddWithoutValidation("Accept", "text/html"));
            var api = await ForwardedAsync($"/orgs/{name}/api/echo", cookie);
            using var socket = await OpenAsync(name, cookie);
            var hello = await HelloAsync(socket);
            Assert.Equal(("org_acme", "org_acme", "org_acme"), (page.Header("X-Auth-Org-Id"), api.Header("X-Auth-Org-Id"), hello));
            Assert.StartsWith("Bearer ey", Stack.Upstream.LastRequest.Header("Authorization"), StringComparison.Ordinal); // on the handshake, from the cookie alone
        }
    }

    [Fact, Trait("Row", "C6"), Trait("Row", "C7"), Trait("Row", "C17")]
    public async Task A_socket_is_refused_before_the_upgrade()
    {
        var cookie = await CookieAsync("alice@acme.test");
        var before = Stack.Upstream.Hits;

        Assert.Equal(401, await RefusedAsync("acme", null, Stack.Origin));
        Assert.Equal(403, await RefusedAsync("initech", cookie, Stack.Origin));
        foreach (var origin in new[] { "https://evil.example", "null", Stack.Origin + "0", Stack.Origin.Replace("http:", "https:", StringComparison.Ordinal), null })
            Assert.Equal(403, await RefusedAsync("acme", cookie, origin));
        Assert.Equal(before, Stack.Upstream.Hits);
    }

    [Fact, Trait("Row", "P1"), Trait("Row", "C9")]
    public async Task Ten_organizations_by_five_sockets_and_ten_tabs_at_once_on_one_cookie()
    {
        var slugs = Enumerable.Range(0, 10).Select(i => $"team{i}").ToArray();
        Stack.Provider.Put(new DemoUser("u-mia", "mia@many.test", "Mia Many", "demo", [.. slugs.Select(slug => new DemoMembership("org_" + slug, slug, slug, ["member"]))]));
        var cookie = await CookieAsync("mia@many.test");
        await ForwardedAsync("/orgs/team0/api/echo", cookie);
        var writes = await SessionWritesAsync();

        var sockets = await Task.WhenAll(slugs.SelectMany(slug => Enumerable.Range(0, 5).Select(async _ => (slug, Socket: await OpenAsync(slug, cookie)))));
        Assert.All(sockets, s => Assert.Equal(WebSocketState.Open, s.Socket.State)); // all of them at this instant
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            var slug = slugs[i % slugs.Length];
            using var answer = await _http.SendAsync(Request($"/orgs/{slug}/api/echo", cookie));
            return (slug, Id: HeaderOf(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!, "X-Auth-Org-Id"));
        }));
        foreach (var (slug, socket) in sockets)
        {
            Assert.Equal("org_" + slug, await HelloAsync(socket));
            socket.Dispose();
        }

        Assert.All(answers, a => Assert.Equal("org_" + a.slug, a.Id));
        Assert.Equal(writes, await SessionWritesAsync());
    }

    [Fact, Trait("Row", "K12"), Trait("Row", "G14")]
    public async Task A_thousand_warm_requests_read_nothing_from_Redis_and_ask_no_provider()
    {
        var cookie = await CookieAsync("alice@acme.test");
        await ForwardedAsync("/orgs/acme/api/echo", cookie);
        await ForwardedAsync("/orgs/acme/reports/x", cookie);
        var (reads, token) = (await CommandsAsync("get", "getdel", "getex"), Stack.Provider.Counters.Token.Value);

        for (var i = 0; i < 500; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await SendAsync("/orgs/acme/api/echo", cookie)).Status);
            Assert.Equal(HttpStatusCode.OK, (await SendAsync("/orgs/acme/reports/x", cookie)).Status);
        }

        // Not one for a request. A process reads now and then by itself: a copy after its time, or while messages may have been missed.
        Assert.InRange(await CommandsAsync("get", "getdel", "getex") - reads, 0, 3);
        Assert.Equal(token, Stack.Provider.Counters.Token.Value);
    }

    [Fact, Trait("Row", "K17"), Trait("Row", "K34")]
    public async Task Each_organization_has_its_own_token_minted_once_for_many_callers()
    {
        var cookie = await CookieAsync("carol@initech.test");
        await demo.Redis.FlushAsync();
        cookie = await CookieAsync("carol@initech.test");
        var minted = Stack.Provider.Counters.ClientCredentialsGrants.Value;

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            var slug = new[] { "globex", "initech" }[i % 2];
            using var answer = await _http.SendAsync(Request($"/orgs/{slug}/reports/x", cookie));
            var echoed = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            Assert.True(Jws.TryReadUnverified(HeaderOf(echoed, "Authorization")!["Bearer ".Length..], out _, out var claims));
            return (slug, Org: claims.GetProperty("org_id").GetString());
        }));

        Assert.All(answers, a => Assert.Equal("org_" + a.slug, a.Org));
        Assert.InRange(Stack.Provider.Counters.ClientCredentialsGrants.Value - minted, 0, 2);
    }

    [Fact, Trait("Row", "K3"), Trait("Row", "K11")]
    public async Task No_token_secret_or_address_stands_in_an_answer_in_the_log_or_in_Redis()
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        var cookie = "orggw=" + Stack.SessionOf(alice);
        var user = await ForwardedAsync("/orgs/acme/api/echo", cookie);
        var organization = await ForwardedAsync("/orgs/acme/reports/x", cookie);
        string[] secrets = [Bearer(user), Bearer(organization), Stack.SessionOf(alice)!, "gateway-demo-secret", "acme-demo-secret", DemoConfiguration.Secret];
        var answers = new StringBuilder();
        foreach (var path in new[] { "/auth/session", "/auth/orgs", "/auth/select-org", "/auth/error?error=x", "/orgs/initech/", "/orgs/acme%2f/", "/nowhere", "/auth/login" })
        {
            using var answer = await _http.SendAsync(Request(path, cookie));
            answers.Append(answer.Headers).Append(answer.Content.Headers).Append(await answer.Content.ReadAsStringAsync());
        }
        var redis = string.Concat((await demo.Redis.DumpAllAsync()).Select(entry => entry.Key + Encoding.Latin1.GetString(entry.Value)));

        Assert.NotEmpty(redis);
        Assert.NotEmpty(Stack.Gateway.Output);
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(secret, answers.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(secret, Stack.Gateway.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, redis, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("alice@acme.test", redis, StringComparison.Ordinal);
        Assert.DoesNotMatch(CompactToken.Pattern, redis);
    }

    [Fact]
    public async Task The_assertion_is_signed_with_a_published_key_and_bound_to_cluster_route_and_method()
    {
        var cookie = await CookieAsync("alice@acme.test");
        var arrived = await ForwardedAsync("/orgs/acme/api/echo", cookie);
        var keys = JsonWebKeySet.TryParse(await _http.GetByteArrayAsync(new Uri(Stack.Url, "/auth/.well-known/jwks.json")))!;

        var verified = Assert.IsType<JwsResult.Valid>(Jws.Verify(arrived.Header("X-Auth-Assertion")!, keys, new(new HashSet<string> { "ES256" })));

        var claims = verified.Payload;
        Assert.Equal(
            (Stack.Origin, "app", "u-alice", "org_acme", "acme", "organization", "GET"),
            (Text(claims, "iss"), Text(claims, "aud"), Text(claims, "sub"), Text(claims, "org_id"), Text(claims, "org_slug"), Text(claims, "route"), Text(claims, "method")));
        Assert.InRange(claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64(), 1, 60);
        Assert.DoesNotContain(keys.Keys, key => key.Kty != "EC");
    }

    public void Dispose() => _http.Dispose();

    private static string Text(JsonElement claims, string name) => claims.GetProperty(name).GetString()!;

    private static string Bearer(ReceivedRequest request) => request.Header("Authorization")!["Bearer ".Length..];

    private static string? HeaderOf(JsonNode echoed, string name) => (string?)echoed["headers"]!.AsObject().Single(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    private static (HttpStatusCode, string?) Code((HttpStatusCode Status, JsonNode? Body) answer) => (answer.Status, (string?)answer.Body?["code"]);

    private async Task<string> CookieAsync(string email)
    {
        using var browser = await Stack.SignedInAsync(email);
        return "orggw=" + Stack.SessionOf(browser);
    }

    private HttpRequestMessage Request(string path, string cookie)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Stack.Url, path));
        request.Headers.TryAddWithoutValidation("Cookie", cookie);
        return request;
    }

    private async Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(string path, string cookie)
    {
        using var answer = await _http.SendAsync(Request(path, cookie));
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true ? JsonNode.Parse(text) : null);
    }

    private async Task<ReceivedRequest> ForwardedAsync(string path, string cookie, Action<HttpRequestMessage>? change = null)
    {
        using var request = Request(path, cookie);
        change?.Invoke(request);
        using var answer = await _http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return Stack.Upstream.LastRequest;
    }

    private async Task<ClientWebSocket> OpenAsync(string org, string? cookie, string? origin = "own")
    {
        var socket = new ClientWebSocket();
        if (cookie is not null)
            socket.Options.SetRequestHeader("Cookie", cookie);
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin == "own" ? Stack.Origin : origin);
        socket.Options.CollectHttpResponseDetails = true;
        using var bound = new CancellationTokenSource(Bound);
        try
        {
            await socket.ConnectAsync(new UriBuilder(new Uri(Stack.Url, $"/orgs/{org}/live")) { Scheme = "ws" }.Uri, bound.Token);
        }
        catch (WebSocketException)
        {
            // Its status is read from the socket.
        }
        return socket;
    }

    private async Task<int> RefusedAsync(string org, string? cookie, string? origin)
    {
        using var socket = await OpenAsync(org, cookie, origin);
        Assert.NotEqual(WebSocketState.Open, socket.State);
        return (int)socket.HttpStatusCode;
    }

    private static async Task<string> HelloAsync(ClientWebSocket socket)
    {
        using var bound = new CancellationTokenSource(Bound);
        var buffer = new byte[16 * 1024];
        var read = await socket.ReceiveAsync(buffer, bound.Token);
        var hello = JsonNode.Parse(buffer.AsSpan(0, read.Count))!.AsObject();
        var headers = hello["headers"]?.AsObject() ?? hello;
        return (string)headers.Single(h => h.Key.Equals("X-Auth-Org-Id", StringComparison.OrdinalIgnoreCase)).Value!;
    }

    private async Task<long> CommandsAsync(params string[] names)
    {
        var stats = await demo.Redis.CommandStatsAsync();
        return names.Sum(name => stats.GetValueOrDefault(name));
    }

    // Sealed anew, a record has other bytes; its idle end moves by one of these commands, which count within scripts too; scripts that only read count now and then by themselves. Slugs learned from claims are no session's.
    private async Task<string> SessionWritesAsync()
    {
        var sessions = (await demo.Redis.DumpAllAsync()).Where(entry => entry.Key.Contains(":session:", StringComparison.Ordinal)).OrderBy(entry => entry.Key, StringComparer.Ordinal);
        return string.Join('\n', sessions.Select(entry => entry.Key + " " + Convert.ToHexString(entry.Value)).Append($"{await CommandsAsync("set", "zadd", "del", "pexpireat", "expire", "pexpire")}"));
    }
}
