using Microsoft.AspNetCore.Http;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Perimeter;

/// <summary>Whatever a caller writes into a request, the app hears about identity, origin and transport from the gateway alone.</summary>
[Collection(PerimeterServers.Collection)]
public sealed class SpoofedHeaderChainTests(PerimeterServers servers)
{
    private const string Separators = "!#$%&'*+.^_`|~-";
    private static readonly string[] Identity = ["X-Auth-Type", "X-Auth-User-Id", "X-Auth-User-Email", "X-Auth-User-Name", "X-Auth-Issuer", "X-Auth-Org-Id", "X-Auth-Org-Slug", "X-Auth-Roles", "X-Auth-Permissions", "X-Auth-Key-Id", "X-Auth-Assertion"];
    private static readonly string[] Transport = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Forwarded-Port", "X-Forwarded-Uri", "X-Forwarded-Method", "Forwarded", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "X-Real-IP", "X-Request-Id"];

    private GatewayStack Stack => servers.Stack;

    [Theory, Trait("Row", "T1"), Trait("Row", "T2"), Trait("Row", "T4"), Trait("Row", "T12"), Trait("Row", "G7")]
    [InlineData("/public/x", false)]
    [InlineData("/public/x", true)]
    [InlineData("/assets/x", true)]
    [InlineData("/me", true)]
    [InlineData("/orgs/acme/x", true)]
    [InlineData("/orgs/acme/reports/x", true)]
    [InlineData("/custom/x", true)]
    public async Task A_managed_name_in_any_spelling_arrives_with_the_gateways_value_or_not_at_all(string path, bool signedIn)
    {
        var cookie = signedIn ? await servers.CookieAsync("alice@acme.test") : "X-Nothing: 1";
        var names = Identity.Concat(Transport).Concat(["Authorization", "X-Auth-Token-Of", "traceparent", "trace-parent"]).SelectMany(name =>
            Separators.Select(s => name.Replace('-', s)).Concat([name.ToUpperInvariant(), name.ToLowerInvariant(), name.Replace("-", "", StringComparison.Ordinal), name.Replace("-", "--", StringComparison.Ordinal), "_" + name, name + "."]));
        foreach (var some in names.Where(n => n is not "Authorization").Distinct(StringComparer.OrdinalIgnoreCase).Chunk(60))
        {
            var answer = await RawHttp.GetAsync(Stack.Url, path, [cookie, .. some.Select(name => name + ": evil")]);
            Assert.True(answer.Status == 200, $"{answer.Status} for {string.Join(' ', some)}");
            Assert.DoesNotContain(Stack.Upstream.LastRequest.Headers, h => h.Value.Contains("evil", StringComparison.Ordinal));
            foreach (var name in Identity)
                Assert.InRange(Stack.Upstream.LastRequest.Headers.Count(h => Folded(h.Key) == Folded(name)), 0, 1);
        }
        Assert.Equal(signedIn && path != "/assets/x" ? "user" : "anonymous", Stack.Upstream.LastRequest.Header("X-Auth-Type"));
    }

    [Fact, Trait("Row", "T6")]
    public async Task A_name_configured_in_odd_case_is_managed_in_every_case()
    {
        var cookie = await servers.CookieAsync("alice@acme.test");
        foreach (var name in new[] { "x-AUTH-token-Of", "X-Auth-Token-Of", "x_auth_token_of", "X.AUTH.TOKEN.OF" })
        {
            Assert.Equal(200, (await RawHttp.GetAsync(Stack.Url, "/custom/x", cookie, name + ": evil")).Status);
            var token = Assert.Single(Stack.Upstream.LastRequest.Headers, h => Folded(h.Key) == "xauthtokenof");
            Assert.StartsWith("Bearer ey", token.Value, StringComparison.Ordinal);
            Assert.Equal(200, (await RawHttp.GetAsync(Stack.Url, "/public/x", name + ": evil")).Status);
            Assert.DoesNotContain(Stack.Upstream.LastRequest.Headers, h => Folded(h.Key) == "xauthtokenof");
        }
    }

    [Theory, Trait("Row", "T5")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Trailers_end_at_the_gateway(bool http2)
    {
        var cookie = await servers.CookieAsync("alice@acme.test");
        var trailers = new List<string>();
        var read = "";
        Stack.Upstream.Answer = async context =>
        {
            // Trailers are known when the body has been read.
            using var reader = new StreamReader(context.Request.Body);
            read = await reader.ReadToEndAsync();
            trailers.AddRange(context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestTrailersFeature>() is { Available: true } sent ? sent.Trailers.Select(t => t.Key) : []);
        };
        try
        {
            var status = http2
                ? await RawHttp2.PostAsync(
                    servers.Http2, "/orgs/acme/x", "abc"u8.ToArray(),
                    [("cookie", cookie["Cookie: ".Length..]), ("trailer", "x-auth-org-id, x-auth-roles"), ("te", "trailers")], [("x-auth-org-id", "evil"), ("x-auth-roles", "evil"), ("authorization", "evil")])
                : (await RawHttp.SendAsync(Stack.Url, $"POST /orgs/acme/x HTTP/1.1\r\nHost: {Stack.Url.Authority}\r\nConnection: close\r\n{cookie}\r\nTrailer: X-Auth-Org-Id\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Auth-Org-Id: evil\r\nX-Auth-Roles: evil\r\n\r\n")).Status;
            Assert.Equal(200, status);
        }
        finally
        {
            Stack.Upstream.Answer = null;
        }
        Assert.Empty(trailers);
        Assert.Equal("abc", read.Length > 0 ? read : Stack.Upstream.LastRequest.Text);
        Assert.Equal("org_acme", Stack.Upstream.LastRequest.Header("X-Auth-Org-Id"));
        Assert.DoesNotContain(Stack.Upstream.LastRequest.Headers, h => h.Key.Equals("Trailer", StringComparison.OrdinalIgnoreCase) || h.Value.Contains("evil", StringComparison.Ordinal));
    }

    [Fact, Trait("Row", "T7"), Trait("Row", "T9"), Trait("Row", "T10"), Trait("Row", "S41")]
    public async Task An_untrusted_peers_word_on_address_prefix_and_scheme_counts_for_nothing()
    {
        var cookie = await servers.CookieAsync("alice@acme.test");
        string[] lies = ["X-Forwarded-For: 10.9.8.7", "X-Forwarded-Prefix: https://evil", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.test", "X-Forwarded-Port: 1", "Forwarded: for=10.9.8.7;proto=https;host=evil.test"];
        Assert.Equal(200, (await RawHttp.GetAsync(Stack.Url, "/orgs/acme/x", [cookie, .. lies])).Status);
        var arrived = Stack.Upstream.LastRequest;
        Assert.Equal(("127.0.0.1", "http", Stack.Url.Authority), (arrived.Header("X-Forwarded-For"), arrived.Header("X-Forwarded-Proto"), arrived.Header("X-Forwarded-Host")));

        var login = await RawHttp.GetAsync(Stack.Url, "/orgs/acme/x", ["Accept: text/html", .. lies]);
        Assert.Equal((302, "/auth/login?next=%2Forgs%2Facme%2Fx"), (login.Status, login.Header("Location")));
        var authorize = await RawHttp.GetAsync(Stack.Url, "/auth/login", lies);
        Assert.Contains("redirect_uri=" + Uri.EscapeDataString(Stack.Origin + "/auth/callback"), authorize.Header("Location"), StringComparison.Ordinal);
        Assert.DoesNotContain("evil", authorize.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("; secure", authorize.Header("Set-Cookie"), StringComparison.OrdinalIgnoreCase); // as without the header: this origin is http
    }

    [Fact, Trait("Row", "T1")]
    public async Task A_trace_goes_on_where_it_is_one_and_nothing_else_arrives_under_its_name()
    {
        const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        Assert.Equal(200, (await RawHttp.GetAsync(Stack.Url, "/public/x", "TraceParent: " + Trace, "tracestate: a=b")).Status);
        Assert.Equal((Trace, "a=b"), (Stack.Upstream.LastRequest.Header("traceparent"), Stack.Upstream.LastRequest.Header("tracestate")));
        foreach (var lines in new string[][] { ["traceparent: " + Trace, "traceparent: " + Trace], ["traceparent: 00-0"], ["traceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01"], ["trace_parent: " + Trace], ["traceparent.: " + Trace] })
        {
            Assert.Equal(200, (await RawHttp.GetAsync(Stack.Url, "/public/x", [.. lines, "tracestate: a=b"])).Status);
            var trace = Assert.Single(Stack.Upstream.LastRequest.Headers, h => Folded(h.Key) == "traceparent");
            Assert.Equal(("traceparent", Trace.Length, false), (trace.Key.ToLowerInvariant(), trace.Value.Length, trace.Value.Contains("b7ad6b7169203331", StringComparison.Ordinal)));
        }
    }

    [Fact, Trait("Row", "T8")]
    public async Task Connection_cannot_take_a_header_of_the_gateway_away()
    {
        var cookie = await servers.CookieAsync("alice@acme.test");
        foreach (var name in Identity.Where(n => n != "X-Auth-Key-Id").Append("Authorization"))
            foreach (var value in new[] { name, name.ToLowerInvariant(), "keep-alive, " + name, name + ", close" })
            {
                var answer = await RawHttp.SendAsync(Stack.Url, $"GET /orgs/acme/x HTTP/1.1\r\nHost: {Stack.Url.Authority}\r\nConnection: {value}\r\nConnection: close\r\n{cookie}\r\n\r\n");
                Assert.Equal(200, answer.Status);
                Assert.False(string.IsNullOrEmpty(Stack.Upstream.LastRequest.Header(name)), $"{name} is gone with Connection: {value}");
            }
    }

    [Fact, Trait("Row", "T11")]
    public async Task A_header_that_names_a_public_route_opens_no_other()
    {
        var before = Stack.Upstream.Hits;
        foreach (var name in new[] { "X-Forwarded-Uri", "X-Original-URL", "X-Original-URI", "X-Rewrite-URL", "X-Forwarded-Method", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override" })
            foreach (var value in new[] { "/public/x", "/", "OPTIONS" })
                Assert.Equal(401, (await RawHttp.GetAsync(Stack.Url, "/private/x", $"{name}: {value}")).Status);
        Assert.Equal(before, Stack.Upstream.Hits);
    }

    [Fact, Trait("Row", "T13")]
    public async Task Odd_claim_values_arrive_encoded_in_one_header_each()
    {
        var cookie = await servers.CookieAsync("odd@odd.test");
        Assert.Equal(200, (await RawHttp.GetAsync(Stack.Url, "/orgs/acme/x", cookie)).Status);
        var arrived = Stack.Upstream.LastRequest;
        Assert.Equal("Zo%C3%AB %E6%9D%B1%E4%BA%AC %07%09%0D%0AX-Evil: 1 100%25", arrived.Header("X-Auth-User-Name"));
        Assert.Equal("viewer,a%2Cb,caf%C3%A9", arrived.Header("X-Auth-Roles"));
        Assert.Null(arrived.Header("X-Evil"));
    }

    [Fact, Trait("Row", "T15"), Trait("Row", "T94")]
    public async Task The_gateways_cookies_stay_and_all_others_go_on_as_they_came()
    {
        var cookie = await servers.CookieAsync("alice@acme.test");
        var ours = cookie["Cookie: ".Length..];
        foreach (var (sent, arrives) in new (string, string?)[]
        {
            ($"a=1; {ours}; b=2", "a=1; b=2"), ($"{ours}; {ours}", null), ($"{ours}; orggw_1=x; orggwC1=y; c=3", "orggw_1=x; orggwC1=y; c=3"),
            ($"a=\"q;uo\"; {ours}", "a=\"q; uo\""), ($"{ours}; orggw-login-abc=1; d=4", "d=4"), ($"__Host-orggw=x; {ours}; e=5", "e=5"),
        })
        {
            Assert.Equal(200, (await RawHttp.GetAsync(Stack.Url, "/orgs/acme/x", "Cookie: " + sent)).Status);
            var cookies = Stack.Upstream.LastRequest.Header("Cookie");
            Assert.DoesNotContain(ours, cookies ?? "", StringComparison.Ordinal);
            Assert.Equal(arrives, cookies);
        }
        var lines = await RawHttp.GetAsync(Stack.Url, "/orgs/acme/x", "Cookie: a=1", cookie, "Cookie: b=2", "Cookie: orggw=99999999");
        Assert.Equal(200, lines.Status);
        Assert.Equal("a=1; b=2", Stack.Upstream.LastRequest.Header("Cookie"));
    }

    [Fact, Trait("Row", "T16")]
    public async Task An_apps_attempt_to_set_the_gateways_cookie_is_dropped_and_told()
    {
        Stack.Upstream.Answer = context =>
        {
            foreach (var line in new[] { "a=1; Path=/", "orggw=planted; Path=/", "b=2; HttpOnly", "orggw-login-x=1", "__Host-orggw=planted; Path=/; Secure", "=orggw=planted; Path=/", "orggwother=3" })
                context.Response.Headers.Append("Set-Cookie", line);
            return Task.CompletedTask;
        };
        try
        {
            var answer = await RawHttp.GetAsync(Stack.Url, "/public/x");
            var lines = answer.Text.Split("\r\n").Where(l => l.StartsWith("Set-Cookie:", StringComparison.OrdinalIgnoreCase)).Select(l => l["Set-Cookie: ".Length..]);
            Assert.Equal(["a=1; Path=/", "b=2; HttpOnly", "orggwother=3"], lines);
        }
        finally
        {
            Stack.Upstream.Answer = null;
        }
        await Wait.UntilAsync(() => Stack.Gateway.Output.Contains("tried to set a cookie of the gateway", StringComparison.Ordinal), TimeSpan.FromSeconds(10), "it is logged");
        await Wait.UntilAsync(() => Stack.Gateway.Output.Contains("upstream.cookie_dropped", StringComparison.Ordinal), TimeSpan.FromSeconds(10), "it is audited");
    }

    [Fact, Trait("Row", "T17")]
    public async Task A_list_that_would_burst_the_headers_is_left_out_whole_and_named()
    {
        var cookie = await servers.CookieAsync("roles@many.test");
        Assert.Equal(200, (await RawHttp.GetAsync(Stack.Url, "/orgs/roles/x", cookie)).Status);
        var arrived = Stack.Upstream.LastRequest;
        Assert.Equal(("", "roles"), (arrived.Header("X-Auth-Roles"), arrived.Header("X-Auth-Reference")));
        Assert.InRange(arrived.Headers.Where(h => h.Key.StartsWith("X-Auth-", StringComparison.OrdinalIgnoreCase)).Sum(h => h.Key.Length + h.Value.Length + 4), 1, (6 * 1024) - 1);
    }

    private static string Folded(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
