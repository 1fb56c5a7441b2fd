using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sockets;

/// <summary>What a handshake and what only looks like one is answered, over HTTP/1.1 and HTTP/2.</summary>
public sealed class SocketOutcomesChainTests(SocketServers servers) : IClassFixture<SocketServers>, IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false }) { Timeout = SocketClient.Bound };

    private GatewayStack Stack => servers.Stack;

    [Theory, InlineData(false), InlineData(true)]
    [Trait("Row", "R1"), Trait("Row", "R3"), Trait("Row", "R5"), Trait("Row", "C6"), Trait("Row", "C7"), Trait("Row", "C12"), Trait("Row", "C16"), Trait("Row", "T135"), Trait("Row", "A7")]
    public async Task A_handshake_is_refused_before_the_upgrade(bool http2)
    {
        var cookie = await CookieAsync();
        var before = Stack.Upstream.Hits;

        Assert.Equal(401, await StatusAsync("/orgs/acme/live", null, http2));
        Assert.Equal(401, await StatusAsync("/orgs/acme/live", "orggw=" + new string('a', 43), http2));
        Assert.Equal(403, await StatusAsync("/orgs/initech/live", cookie, http2));
        Assert.Equal(403, await StatusAsync("/orgs/acm/live", cookie, http2));
        Assert.Equal(403, await StatusAsync("/orgs/globex/admin-live", cookie, http2)); // alice is a viewer there
        Assert.Equal(404, await StatusAsync("/nowhere/live", cookie, http2));
        Assert.Equal(before, Stack.Upstream.Hits);
    }

    [Theory, InlineData(false), InlineData(true), Trait("Row", "T134"), Trait("Row", "T135"), Trait("Row", "C17")]
    public async Task Only_the_gateways_own_origins_open_a_socket(bool http2)
    {
        var cookie = await CookieAsync();
        var before = Stack.Upstream.Hits;
        var own = new Uri(Stack.Origin);
        string?[] foreign =
        [
            "https://evil.example", "null", "", null, $"https://{own.Authority}", $"http://{own.Host}:{own.Port + 1}", $"http://{own.Host}",
            $"http://sub.{own.Authority}", $"http://{own.Host.ToUpperInvariant()}:{own.Port}", Stack.Origin + "/", Stack.Origin + ".evil.example", $"{Stack.Origin} http://evil.example",
        ];
        foreach (var origin in foreign)
            Assert.Equal(403, await StatusAsync("/orgs/acme/live", cookie, http2, origin));
        Assert.Equal(before, Stack.Upstream.Hits);
    }

    [Fact, Trait("Row", "R6"), Trait("Row", "R7"), Trait("Row", "C1"), Trait("Row", "C2"), Trait("Row", "C3"), Trait("Row", "C4")]
    public async Task A_route_of_sockets_takes_nothing_else_and_its_path_is_exact()
    {
        var cookie = await CookieAsync();
        var before = Stack.Upstream.Hits;

        using var plain = await SendAsync(HttpMethod.Get, "/orgs/acme/admin-live", cookie);
        Assert.Equal((426, "websocket"), ((int)plain.StatusCode, plain.Headers.GetValues("Upgrade").Single()));
        using var over2 = await SendAsync(HttpMethod.Get, "/orgs/acme/admin-live", cookie, servers.Http2);
        Assert.Equal(400, (int)over2.StatusCode);
        foreach (var method in new[] { "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD" })
        {
            using var wrong = await SendAsync(new(method), "/orgs/acme/admin-live", cookie);
            Assert.Equal((405, "GET"), ((int)wrong.StatusCode, string.Join(',', wrong.Content.Headers.Allow)));
        }
        foreach (var path in new[] { "/api/websocket/", "/api/websocket/acme/more", "/api/other" })
        {
            Assert.Equal(404, await StatusAsync(path, cookie, http2: false));
            using var answer = await SendAsync(HttpMethod.Get, path, cookie);
            Assert.Equal(404, (int)answer.StatusCode);
        }
        Assert.Equal(before, Stack.Upstream.Hits);
        using var socket = await SocketClient.OpenAsync(new Uri(Stack.Url, "/api/websocket/acme"), cookie, Stack.Origin);
        Assert.Equal("org_acme", (string?)(await socket.HelloAsync())["x-auth-org-id"]);
    }

    [Fact, Trait("Row", "R6")]
    public async Task The_status_for_a_plain_request_can_be_400()
    {
        var configuration = DemoConfiguration.Elsewhere(Stack.Configuration);
        configuration.Remove("Kestrel");
        configuration["Gateway"]!["Sockets"]!["UpgradeRequiredStatus"] = 400;
        var gateway = await Stack.StartGatewayAsync(configuration);
        using var client = new Bearer.BearerClient(gateway.Url);
        var cookie = await CookieAsync();
        var plain = await client.GetAsync("/orgs/acme/admin-live", null, request => request.Headers.Add("Cookie", cookie));
        Assert.Equal((400, "upgrade_required", null), ((int)plain.Status, plain.Code, plain.Header("Upgrade")));

        configuration["Gateway"]!["Sockets"]!["UpgradeRequiredStatus"] = 418;
        var run = await GatewayProcess.RunToExitAsync(["check"], configuration.ToJsonString());
        Assert.True(run.ExitCode == 1 && run.Output.Contains("UpgradeRequiredStatus", StringComparison.Ordinal), run.Output);
    }

    [Theory, InlineData("Connection: keep-alive, Upgrade\nUpgrade: websocket"), InlineData("Connection: UPGRADE\nUpgrade: WebSocket"), InlineData("connection: foo,upgrade , bar\nupgrade: WEBSOCKET")]
    [Trait("Row", "T136")]
    public async Task An_upgrade_in_any_spelling_is_one_and_is_authenticated(string headers)
    {
        var cookie = await CookieAsync();
        using var signedIn = await RawHttp.ConnectAsync(Stack.Url);
        await signedIn.SendAsync(Handshake(headers, $"Cookie: {cookie}\nOrigin: {Stack.Origin}\n"));
        Assert.StartsWith("HTTP/1.1 101", await signedIn.ReadAsync(static text => text.Contains("\r\n\r\n", StringComparison.Ordinal)), StringComparison.Ordinal);
        using var foreign = await RawHttp.ConnectAsync(Stack.Url);
        await foreign.SendAsync(Handshake(headers, $"Cookie: {cookie}\nOrigin: https://evil.example\n"));
        Assert.StartsWith("HTTP/1.1 403", await foreign.AnswerAsync(), StringComparison.Ordinal);
        using var nobody = await RawHttp.ConnectAsync(Stack.Url);
        await nobody.SendAsync(Handshake(headers, $"Origin: {Stack.Origin}\n"));
        Assert.StartsWith("HTTP/1.1 401", await nobody.AnswerAsync(), StringComparison.Ordinal);
    }

    [Theory, InlineData("Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABk", "GET"), InlineData("Connection: Upgrade\nUpgrade: SPDY/3.1", "GET"), InlineData("Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nOrigin: https://evil.example\nContent-Length: 0", "POST")]
    [Trait("Row", "T19")]
    public async Task Any_other_upgrade_reaches_the_upstream_as_a_plain_request(string headers, string method)
    {
        var cookie = await CookieAsync();
        using var raw = await RawHttp.ConnectAsync(Stack.Url);
        await raw.SendAsync($"{method} /orgs/acme/live HTTP/1.1\nHost: {Stack.Url.Authority}\n{headers}\nCookie: {cookie}\n\n");
        Assert.StartsWith("HTTP/1.1 200", await raw.AnswerAsync(), StringComparison.Ordinal);
        var arrived = Stack.Upstream.LastRequest;
        Assert.Equal(method, arrived.Method);
        Assert.Null(arrived.Header("Upgrade"));
        Assert.Null(arrived.Header("HTTP2-Settings"));
        Assert.DoesNotContain("upgrade", arrived.Header("Connection") ?? "", StringComparison.OrdinalIgnoreCase);
    }

    [Fact, Trait("Row", "R6")]
    public async Task After_a_426_the_connection_goes_on_unless_the_client_said_otherwise()
    {
        var cookie = await CookieAsync();
        using var raw = await RawHttp.ConnectAsync(Stack.Url);
        foreach (var (said, answered) in new[] { ("", "Connection: Upgrade, keep-alive"), ("", "Connection: Upgrade, keep-alive"), ("Connection: close\n", "Connection: Upgrade, close") })
        {
            await raw.SendAsync($"GET /orgs/acme/admin-live HTTP/1.1\nHost: {Stack.Url.Authority}\nCookie: {cookie}\n{said}\n");
            var answer = await raw.AnswerAsync();
            Assert.StartsWith("HTTP/1.1 426", answer, StringComparison.Ordinal);
            Assert.Contains(answered, answer, StringComparison.Ordinal);
        }
        Assert.Equal("", await raw.ReadAsync());
    }

    [Theory, InlineData(200), InlineData(401), InlineData(426), Trait("Row", "T137")]
    public async Task After_an_upgrade_that_the_upstream_refuses_the_next_request_is_judged_by_itself(int status)
    {
        var cookie = await CookieAsync();
        Stack.Upstream.Answer = context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("no socket here");
        };
        using var raw = await RawHttp.ConnectAsync(Stack.Url);
        await raw.SendAsync(Handshake("Connection: Upgrade\nUpgrade: websocket", $"Cookie: {cookie}\nOrigin: {Stack.Origin}\n"));
        var refused = await raw.AnswerAsync();
        Assert.StartsWith($"HTTP/1.1 {status}", refused, StringComparison.Ordinal);
        Assert.Contains("no socket here", refused, StringComparison.Ordinal);
        Stack.Upstream.Answer = null;
        await raw.SendAsync($"GET /me HTTP/1.1\nHost: {Stack.Url.Authority}\n\n");
        var next = await raw.AnswerAsync();
        Assert.True(next.Length == 0 || next.StartsWith("HTTP/1.1 401", StringComparison.Ordinal), next); // closed, or a stranger
    }

    [Theory, InlineData("/orgs/acme/live"), InlineData("other.example:443"), Trait("Row", "T33")]
    public async Task A_CONNECT_is_refused_and_ends_its_connection_with_all_that_came_behind_it(string target)
    {
        var cookie = await CookieAsync();
        var before = Stack.Upstream.Hits;
        using var raw = await RawHttp.ConnectAsync(Stack.Url);
        await raw.SendAsync($"CONNECT {target} HTTP/1.1\nHost: {(target[0] == '/' ? Stack.Url.Authority : target)}\nCookie: {cookie}\n\nGET /me HTTP/1.1\nHost: {Stack.Url.Authority}\nCookie: {cookie}\n\n");
        var all = await raw.ReadAsync();
        Assert.StartsWith("HTTP/1.1 4", all, StringComparison.Ordinal);
        Assert.Equal(1, all.Split("HTTP/1.1 ").Length - 1);
        Assert.Equal(before, Stack.Upstream.Hits);
    }

    [Theory, Trait("Row", "T98")]
    [InlineData(":method CONNECT|:authority x")]
    [InlineData(":method CONNECT|:scheme http|:authority x|:protocol websocket")]
    [InlineData(":method CONNECT|:scheme http|:authority x|:path /orgs/acme/live|:protocol connect-udp")]
    public async Task An_extended_CONNECT_with_a_part_missing_is_refused_and_the_gateway_goes_on(string fields)
    {
        var before = Stack.Upstream.Hits;
        using var raw = await RawHttp.ConnectAsync(servers.Http2);
        var block = fields.Split('|').Select(f => f.Split(' ')).SelectMany(f => Literal(f[0], f[1])).ToArray();
        await raw.SendAsync([.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, (byte)block.Length, 1, 4, 0, 0, 0, 1, .. block]);
        // Headers, a reset or the end of the connection: anything but a tunnel.
        var answer = await raw.ReadAsync(static text => Frames(text).Any(f => f.Type is 1 or 3 or 7));
        Assert.DoesNotContain(Frames(answer), f => f.Type == 1 && f.Payload.Length > 0 && f.Payload[0] == 0x88); // :status 200
        Assert.Equal(before, Stack.Upstream.Hits);
        Assert.Equal(401, await StatusAsync("/orgs/acme/live", null, http2: true));
    }

    public void Dispose()
    {
        Stack.Upstream.Answer = null;
        _http.Dispose();
    }

    private string Handshake(string upgrade, string more) =>
        $"GET /orgs/acme/live HTTP/1.1\nHost: {Stack.Url.Authority}\n{upgrade}\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n{more}\n";

    private static IEnumerable<byte> Literal(string name, string value) =>
        [0x00, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];

    private static List<(int Type, byte[] Payload)> Frames(string text)
    {
        var (bytes, frames) = (Encoding.Latin1.GetBytes(text), new List<(int, byte[])>());
        for (var at = 0; at + 9 <= bytes.Length;)
        {
            var length = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
            if (at + 9 + length > bytes.Length)
                break;
            frames.Add((bytes[at + 3], bytes[(at + 9)..(at + 9 + length)]));
            at += 9 + length;
        }
        return frames;
    }

    private async Task<string> CookieAsync()
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        return "orggw=" + Stack.SessionOf(browser);
    }

    private async Task<int> StatusAsync(string path, string? cookie, bool http2, string? origin = "own")
    {
        using var socket = await SocketClient.OpenAsync(new Uri(http2 ? servers.Http2 : Stack.Url, path), cookie, origin == "own" ? Stack.Origin : origin, http2);
        Assert.NotEqual(WebSocketState.Open, socket.State);
        return socket.Status;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string cookie, Uri? at = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(at ?? Stack.Url, path));
        if (at is not null)
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        request.Headers.TryAddWithoutValidation("Cookie", cookie);
        return await _http.SendAsync(request);
    }
}
