using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Perimeter;

/// <summary>A path is read once, the same by the rules and by the app, and nothing else of a request decides which rule holds.</summary>
[Collection(PerimeterServers.Collection)]
public sealed class PathAndHostChainTests(PerimeterServers servers)
{
    private GatewayStack Stack => servers.Stack;

    [Theory, Trait("Row", "T20"), Trait("Row", "T21"), Trait("Row", "T22"), Trait("Row", "T23"), Trait("Row", "T29"), Trait("Row", "T31"), Trait("Row", "A20")]
    [InlineData("/private?x=/public/", 401)]
    [InlineData("/private/a?/static/a.js", 401)]
    [InlineData("/private/a?x=/public/x", 401)]
    [InlineData("/private/%23/public/x", 401)]
    [InlineData("/private/x#/public/x", 400)]
    [InlineData("/public/a#b", 400)]
    [InlineData("/x/public/x", 404)]
    [InlineData("/publicx", 404)]
    [InlineData("/orgs/acme/report.js", 401)]
    [InlineData("/private/x.css", 401)]
    [InlineData("/private/assets/x.js", 401)]
    [InlineData("/public/%zz", 400)]
    [InlineData("/public/%", 400)]
    [InlineData("/public/%0", 400)]
    [InlineData("/orgs/acme%2f..%2fglobex/x", 400)]
    public async Task A_target_is_answered_as_its_path_alone_says(string target, int status)
    {
        var before = Stack.Upstream.Hits;
        Assert.Equal(status, (await RawHttp.GetAsync(Stack.Url, target)).Status);
        Assert.Equal(before, Stack.Upstream.Hits);
    }

    [Fact, Trait("Row", "T24")]
    public async Task No_user_agent_is_let_through_for_its_name()
    {
        foreach (var agent in new[] { "kube-probe/1.30", "GoogleHC/1.0", "ELB-HealthChecker/2.0", "Amazon-Route53-Health-Check-Service", "" })
            Assert.Equal(401, (await RawHttp.GetAsync(Stack.Url, "/private/x", "User-Agent: " + agent)).Status);
    }

    [Fact, Trait("Row", "T26"), Trait("Row", "T18")]
    public async Task Two_hosts_are_one_meaning_or_none()
    {
        var own = Stack.Url.Authority;
        var before = Stack.Upstream.Hits;
        foreach (var head in new[]
        {
            $"GET http://evil.test/public/x HTTP/1.1\r\nHost: {own}\r\n", $"GET /public/x HTTP/1.1\r\nHost: {own}\r\nHost: evil.test\r\n", "GET /public/x HTTP/1.1\r\n",
            $"GET /public/x HTTP/1.1\r\nHost: {own}, evil.test\r\n", $"GET http://[::1 HTTP/1.1\r\nHost: {own}\r\n", $"GET /private/x HTTP/1.1\r\nHost: {own}\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n",
            $"GET x HTTP/1.1\r\nHost: {own}\r\n", $"GET * HTTP/1.1\r\nHost: {own}\r\n",
        })
            Assert.InRange((await RawHttp.SendAsync(Stack.Url, head + "Connection: close\r\n\r\n")).Status, 400, 499);
        Assert.Equal(before, Stack.Upstream.Hits);

        // Both lengths: chunked counts and the connection ends, so that what follows is nobody's request (RFC 9112 §6.3).
        var both = await RawHttp.SendAsync(Stack.Url, $"POST /public/x HTTP/1.1\r\nHost: {own}\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /private/x HTTP/1.1\r\nHost: {own}\r\nX-Smuggled: 1\r\n\r\n");
        Assert.True(both.Status is 400 or 200, both.Text);
        Assert.DoesNotContain(Stack.Upstream.Requests, r => r.Header("X-Smuggled") is not null);
        foreach (var coding in new[] { "chunked, identity", "xchunked", "identity" })
        {
            var hits = Stack.Upstream.Hits;
            var odd = await RawHttp.SendAsync(Stack.Url, $"POST /public/x HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\nTransfer-Encoding: {coding}\r\n\r\n0\r\n\r\n");
            Assert.True(odd.Status is >= 400 and <= 501 || (odd.Status == 200 && Stack.Upstream.Hits == hits + 1 && Stack.Upstream.LastRequest.Text.Length == 0), coding + ": " + odd.Text);
        }
    }

    [Fact, Trait("Row", "T27"), Trait("Row", "T28")]
    public async Task No_path_is_public_to_the_gateway_and_private_to_either_of_two_upstreams()
    {
        string[] pieces = ["..", ".", "%2e%2e", "%2E%2e", ".%2e", "%2f", "%5c", "\\", ";x=y", "..;x", ".;", "%2e%2e;a=b", "", "%00", "%252e%252e", "%c0%ae%c0%ae", "%c0%af", "%e0%80%af", "x.", "x%20", "%ef%bc%8f", "private", "%70rivate", "PRIVATE", "..%00", "%u002e"];
        var targets = (from a in pieces from b in pieces select $"/n/public/{a}/{b}/private/x")
            .Concat(from a in pieces from b in pieces select $"/n/public/{a}/{b}").Concat(from a in pieces select $"/n/{a}/public/x").Concat(from a in pieces select $"//n/private/{a}").ToArray();
        var upstream = Stack.Upstream;
        foreach (var target in targets)
        {
            var answer = await RawHttp.GetAsync(Stack.Url, target);
            Assert.True(answer.Status is 200 or 400 or 401 or 404, $"{target}: {answer.Text}");
            if (answer.Status == 200 && answer.Body.Contains("seen:", StringComparison.Ordinal)) // else it climbed to the demo's public start page
                Assert.True(answer.Body.Contains("seen:/n/public/", StringComparison.Ordinal), $"{target} is {answer.Body} to nginx");

            var before = upstream.Hits;
            var same = await RawHttp.GetAsync(Stack.Url, target.Replace("/n/", "/", StringComparison.Ordinal));
            if (same.Status == 200 && upstream.Hits > before)
            {
                var path = (string)JsonNode.Parse(same.Body[same.Body.IndexOf('{', StringComparison.Ordinal)..(same.Body.LastIndexOf('}') + 1)])!["path"]!;
                Assert.True(path == "/" || path.StartsWith("/public/", StringComparison.Ordinal), $"{target} is {path} to the app");
            }
        }
    }

    [Theory, Trait("Row", "T27"), Trait("Row", "T28")]
    [InlineData("//n/all/secret/x")]
    [InlineData("/n//all/secret/x")]
    [InlineData("/n/all//secret/x")]
    [InlineData("/n/all/x/..//secret/x")]
    [InlineData("/n/all/;a=b/secret/x")]
    [InlineData("/n/all/secret;a=b/x")]
    [InlineData("/n/all/secret./x")]
    [InlineData("/n/all/secret%20/x")]
    [InlineData("/n/all/secret.")]
    [InlineData("/n/all/%2573ecret/x")]
    [InlineData("/n/all/x/%252e%252e/secret/x")]
    [InlineData("/n/all//secret/%252e%252e/x")]
    public async Task A_path_that_a_server_reads_as_a_protected_one_is_not_taken_for_the_public_route_around_it(string target)
    {
        Assert.Equal(200, (await RawHttp.GetAsync(Stack.Url, "/n/all//x/a;b=c/100%25/y.z/..a")).Status);
        Assert.Equal(200, (await RawHttp.GetAsync(Stack.Url, "/n/all/secrets//x")).Status);
        Assert.Equal(401, (await RawHttp.GetAsync(Stack.Url, "/n/all/secret/x")).Status);
        var answer = await RawHttp.GetAsync(Stack.Url, target);
        Assert.True(answer.Status == 400 || (answer.Status is 401 or 404 && !answer.Body.Contains("seen:", StringComparison.Ordinal)), answer.Text);
    }

    [Fact, Trait("Row", "T38")]
    public async Task A_segment_is_the_very_organization_or_none()
    {
        var cookie = await servers.CookieAsync("alice@acme.test");
        Assert.Equal(200, (await RawHttp.GetAsync(Stack.Url, "/orgs/%61cme/x", cookie)).Status);
        Assert.Equal("org_acme", Stack.Upstream.LastRequest.Header("X-Auth-Org-Id"));
        var before = Stack.Upstream.Hits;
        foreach (var (segment, status) in new[] { ("ACME", 403), ("Acme", 403), ("acme.", 400), ("acme%20", 400), ("%EF%BD%81cme", 400), ("acme%00", 400), (new string('a', 300), 400), ("acme%2f..%2fglobex", 400), ("acme;x", 400), ("-acme", 400), ("..acme", 400) })
            Assert.Equal((segment, status), (segment, (await RawHttp.GetAsync(Stack.Url, $"/orgs/{segment}/x", cookie)).Status));
        Assert.Equal(before, Stack.Upstream.Hits);
    }

    [Fact, Trait("Row", "T25"), Trait("Row", "T34"), Trait("Row", "T37"), Trait("Row", "G27")]
    public async Task Ten_thousand_requests_without_a_credential_reach_nothing_protected()
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false });
        string[] methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO", "get", "PROPFIND"];
        string[] paths = ["/private", "/private/", "/me", "/orgs/acme", "/orgs/acme/", "/orgs/org_acme/admin/x", "/orgs/acme/reports/1", "/orgs/acme/live", "/costly", "/verified", "/custom/x", "/n/private/x", "/orgs/acme/documents/1"];
        string[] headers = ["Accept: text/html", "Accept: */*", "Accept: text/event-stream", "Upgrade: websocket", "Sec-Fetch-Mode: cors", "Cookie: orggw=x", "Cookie: orggw=", "Authorization: Bearer x", "Authorization: Basic YTpi", "X-Auth-User-Id: u-alice", "Content-Type: application/json", "Origin: https://evil.test"];
        var before = Stack.Upstream.Hits;
        await Parallel.ForEachAsync(Enumerable.Range(0, 10_000).Select(i => (i, i / 11, i * 7 / 3, i / 143)), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (pick, cancel) =>
        {
            var (a, b, c, d) = pick;
            using var request = new HttpRequestMessage(new HttpMethod(methods[a % methods.Length]), new Uri(Stack.Url, paths[b % paths.Length] + (c % 3 == 0 ? "?next=/public/x" : "")));
            foreach (var header in new[] { headers[c % headers.Length], headers[d % headers.Length] }.Distinct())
                request.Headers.TryAddWithoutValidation(header.Split(": ")[0], header.Split(": ")[1]);
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            Assert.True((int)answer.StatusCode is 302 or 400 or 401 or 403 or 404 or 405 or 426, $"{request.Method} {request.RequestUri} answered {(int)answer.StatusCode}");
        });
        Assert.Equal(before, Stack.Upstream.Hits);
    }

    [Fact, Trait("Row", "T95"), Trait("Row", "T97"), Trait("Row", "T100")]
    public async Task Cookies_and_callbacks_beyond_measure_are_refused_or_nobodys()
    {
        foreach (var cookie in new[] { ";", "=", "", "a", "\u0001", "orggw", "orggw=", ";;;;", "orggw==", "=orggw", new string('x', 20_000) })
            Assert.True((await RawHttp.GetAsync(Stack.Url, "/private/x", "Cookie: " + cookie)).Status is 401 or 400, $"cookie '{cookie[..Math.Min(20, cookie.Length)]}'");
        Assert.Equal(431, (await RawHttp.GetAsync(Stack.Url, "/private/x", "Cookie: a=" + new string('x', 64 * 1024))).Status);
        Assert.True((await RawHttp.GetAsync(Stack.Url, "/private/x", [.. Enumerable.Range(0, 2000).Select(i => $"Cookie: c{i}=1")])).Status is 431);
        Assert.Equal(302, (await RawHttp.GetAsync(Stack.Url, "/auth/callback")).Status);
        Assert.True((await RawHttp.GetAsync(Stack.Url, "/auth/callback?state=" + new string('s', 100_000))).Status is 400 or 414 or 431);
    }

    [Theory, Trait("Row", "T30")]
    [InlineData("xn--")]
    [InlineData("xn--0.acme.test")]
    [InlineData("_..")]
    [InlineData("a..b_")]
    [InlineData("admin.test..")]
    public async Task A_host_that_is_no_name_is_refused_everywhere(string host)
    {
        var before = Stack.Upstream.Hits;
        foreach (var path in new[] { "/auth/login", "/orgs/acme/x", "/public/x", "/auth/session" })
        {
            var answer = await RawHttp.SendAsync(Stack.Url, $"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            Assert.Equal(400, answer.Status);
        }
        Assert.Equal(before, Stack.Upstream.Hits);
    }

    [Theory, Trait("Row", "T30")]
    [InlineData("admin.test")]
    [InlineData("ADMIN.test")]
    [InlineData("admin.test.")]
    [InlineData("Admin.Test.:8443")]
    [InlineData("xn--bcher-kva.test")]
    [InlineData("XN--BCHER-KVA.test")]
    [InlineData("xn--bcher-kva.test.:80")]
    public async Task A_host_written_otherwise_has_the_route_of_that_host(string host)
    {
        var before = Stack.Upstream.Hits;
        Assert.Equal(401, (await RawHttp.SendAsync(Stack.Url, $"GET /public/x HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).Status);
        Assert.Equal(before, Stack.Upstream.Hits);
    }
}
