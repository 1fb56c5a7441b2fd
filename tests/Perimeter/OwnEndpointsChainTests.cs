using System.Net;
using System.Net.Sockets;
using System.Text;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Perimeter;

/// <summary>The gateway's own endpoints under every method, scripts that say so in the old way, and trailers of an app.</summary>
[Collection(PerimeterServers.Collection)]
public sealed class OwnEndpointsChainTests(PerimeterServers servers)
{
    private GatewayStack Stack => servers.Stack;

    [Theory, Trait("Row", "T37"), Trait("Row", "T96")]
    [InlineData("/auth/login", "GET, POST")]
    [InlineData("/auth/logout", "GET, POST")]
    [InlineData("/auth/callback", "GET, POST")]
    [InlineData("/auth/callback/main", "GET, POST")]
    [InlineData("/auth/session", "GET, HEAD")]
    [InlineData("/auth/orgs", "GET, HEAD")]
    [InlineData("/auth/select-org", "GET, HEAD")]
    [InlineData("/auth/sign-in", "GET, HEAD")]
    [InlineData("/auth/error", "GET, HEAD")]
    [InlineData("/auth/.well-known/jwks.json", "GET, HEAD")]
    [InlineData("/auth/org-tokens/refresh", "GET, POST")]
    [InlineData("/auth/backchannel-logout", "POST")]
    [InlineData("/auth/frontchannel-logout", "GET")]
    [InlineData("/auth/events", "POST")]
    public async Task A_method_that_an_endpoint_does_not_have_is_405_with_those_it_has(string path, string allowed)
    {
        var hits = Stack.Upstream.Hits;
        foreach (var method in new[] { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "FOO" })
        {
            var answer = await RawHttp.SendAsync(Stack.Url, $"{method} {path} HTTP/1.1\r\nHost: {Stack.Url.Authority}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            if (allowed.Split(", ").Contains(method))
                Assert.True(answer.Status is >= 200 and < 500 and not 404 and not 405, $"{method} {path} answered {answer.Status}");
            else
                Assert.Equal((405, allowed), (answer.Status, answer.Header("Allow")));
        }
        Assert.Equal(hits, Stack.Upstream.Hits);
    }

    [Fact, Trait("Row", "O18"), Trait("Row", "T57")]
    public async Task A_script_that_says_so_in_the_way_of_libraries_starts_no_login()
    {
        string[] headers = ["X-Requested-With: XMLHttpRequest", "Accept: text/html,*/*"];
        foreach (var path in new[] { "/orgs/acme/x", "/auth/login" })
        {
            var answer = await RawHttp.GetAsync(Stack.Url, path, headers);
            Assert.Equal((401, null, null), (answer.Status, answer.Header("Location"), answer.Header("Set-Cookie")));
        }
        // An Android app's web view names its package there, and is a browser.
        Assert.Equal(302, (await RawHttp.GetAsync(Stack.Url, "/orgs/acme/x", "X-Requested-With: com.example.app", "Accept: text/html")).Status);
    }

    [Fact, Trait("Row", "R1"), Trait("Row", "O18")]
    public async Task What_a_program_of_Node_sends_with_every_request_makes_it_no_page()
    {
        // Its fetch marks all requests so; what it accepts tells what it wants. A browser never sends the one mark without the others.
        string[] headers = ["Accept: text/html", "Sec-Fetch-Mode: cors", "User-Agent: node"];
        Assert.Equal(302, (await RawHttp.GetAsync(Stack.Url, "/orgs/acme/x", headers)).Status);
        Assert.Equal(302, (await RawHttp.GetAsync(Stack.Url, "/auth/login", headers)).Status);
        Assert.Equal(401, (await RawHttp.GetAsync(Stack.Url, "/orgs/acme/x", ["Accept: */*", .. headers[1..]])).Status);
        Assert.Equal(401, (await RawHttp.GetAsync(Stack.Url, "/auth/login", [.. headers, "Sec-Fetch-Site: same-origin"])).Status);
    }

    [Theory, Trait("Row", "O19")]
    [InlineData("/orgs/acme/x")]
    [InlineData("/private/x")]
    [InlineData("/auth/select-org")]
    [InlineData("/auth/login")]
    public async Task A_redirect_on_the_way_to_a_sign_in_tells_nobody_where_it_began(string path)
    {
        var answer = await RawHttp.GetAsync(Stack.Url, path, "Accept: text/html");
        Assert.Equal((302, "no-store"), (answer.Status, answer.Header("Cache-Control")));
        Assert.True(answer.Header("Referrer-Policy") is "no-referrer" or "strict-origin-when-cross-origin", answer.Text);
    }

    [Fact, Trait("Row", "P16"), Trait("Row", "K3")]
    public async Task A_trailer_that_carries_the_token_is_left_out_and_the_others_arrive()
    {
        var cookie = await servers.CookieAsync("alice@acme.test");
        using var listener = new TcpListener(IPAddress.Loopback, servers.OwnApp);
        listener.Start();
        var app = AnswerOnceAsync(listener);
        using var client = new HttpClient { BaseAddress = servers.Http2 };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/own/x") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Add("Cookie", cookie["Cookie: ".Length..]);
        request.Headers.TE.Add(new("trailers"));
        using var answer = await client.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        var token = await app;

        Assert.Equal((HttpStatusCode.OK, "abc"), (answer.StatusCode, body));
        Assert.Equal("fine", Assert.Single(answer.TrailingHeaders.GetValues("X-Sum")));
        Assert.Single(answer.TrailingHeaders);
        Assert.DoesNotContain(token[..20], answer.TrailingHeaders.ToString(), StringComparison.Ordinal);
        await Wait.UntilAsync(() => Stack.Gateway.Output.Contains("token.leak_stopped", StringComparison.Ordinal), TimeSpan.FromSeconds(10), "it is audited");
    }

    /// <returns>The token that came in.</returns>
    private static async Task<string> AnswerOnceAsync(TcpListener listener)
    {
        using var socket = await listener.AcceptTcpClientAsync();
        using var reader = new StreamReader(socket.GetStream(), Encoding.ASCII);
        var token = "";
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
            if (line.StartsWith("Authorization: Bearer ", StringComparison.OrdinalIgnoreCase))
                token = line["Authorization: Bearer ".Length..];
        var base64 = Convert.ToBase64String(Encoding.ASCII.GetBytes("x" + token));
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, X-Debug, X-Trace\r\n\r\n3\r\nabc\r\n0\r\nX-Debug: {token}\r\nX-Sum: fine\r\nX-Trace: {base64}\r\n\r\n"));
        return token;
    }
}
