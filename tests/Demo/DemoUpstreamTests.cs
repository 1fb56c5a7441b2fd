using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using OrgGateway.Demo.Upstream;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Demo;

public sealed class DemoUpstreamTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("/orgs/acme/api/echo")]
    [InlineData("/orgs/acme/reports/2026/a%2Fb")]
    public async Task The_echo_shows_the_request_as_it_came(string path)
    {
        await using var upstream = await DemoUpstream.StartAsync("http://localhost:0", CancellationToken.None);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Patch, new Uri(upstream.Url, $"{path}?a=1&a=%20"));
        request.Headers.Add("Authorization", "Bearer abc");
        request.Headers.TryAddWithoutValidation("X-Twice", "one");
        request.Content = new StringContent("grüezi");

        using var response = await http.SendAsync(request);
        var echo = (await response.Content.ReadFromJsonAsync<JsonObject>())!;

        Assert.Equal(
            ("PATCH", path, "?a=1&a=%20", "grüezi"), (echo.Text("method"), echo.Text("path"), echo.Text("query"), echo.Text("body")));
        Assert.Equal("Bearer abc", echo["headers"]!.Text("Authorization"));
        Assert.Equal("one", echo["headers"]!.Text("X-Twice"));
        Assert.Equal(1, upstream.Hits);
    }

    [Fact]
    public async Task A_header_sent_on_two_lines_is_echoed_as_an_array()
    {
        await using var upstream = await DemoUpstream.StartAsync("http://localhost:0", CancellationToken.None);
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(upstream.Url.Host, upstream.Url.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "GET /orgs/acme/api/echo HTTP/1.1\r\nHost: x\r\nX-Many: a\r\nX-Many: b\r\nConnection: close\r\n\r\n"));

        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync().WaitAsync(Patience);

        Assert.Contains("""
            "X-Many":["a","b"]
            """, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/me")]
    [InlineData("/orgs/%22%3E%3Cscript%3E/")]
    [InlineData("/orgs/acme/admin")]
    [InlineData("/orgs/acme/live")]
    public async Task Pages_show_the_caller_and_escape_everything(string path)
    {
        await using var upstream = await DemoUpstream.StartAsync("http://localhost:0", CancellationToken.None);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(upstream.Url, path));
        request.Headers.Add("X-Auth-Type", "user");
        request.Headers.Add("X-Auth-User-Id", "u-mallory");
        request.Headers.Add("X-Auth-User-Email", "mallory@acme.test");
        request.Headers.Add("X-Auth-User-Name", "%3Cscript%3EJos%C3%A9");
        request.Headers.Add("X-Auth-Org-Slug", "\"><script>");
        request.Headers.Add("Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1LW1hbGxvcnkifQ.c2ln");

        using var response = await http.SendAsync(request);
        var page = await response.Content.ReadAsStringAsync();

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Contains("""<span id="user">mallory@acme.test</span>""", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(CompactToken.Pattern, page);
        Assert.Contains("script-src 'self'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        if (path is "/me")
            Assert.Contains("user token of u-mallory", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_live_panel_is_a_page_whose_script_is_a_file()
    {
        await using var upstream = await DemoUpstream.StartAsync("http://localhost:0", CancellationToken.None);
        using var browser = new DemoBrowser(upstream.Url);

        var page = await browser.GetAsync("/orgs/acme/live", CancellationToken.None);
        var script = await browser.GetAsync("/assets/live.js", CancellationToken.None);
        var style = await browser.GetAsync("/assets/app.css", CancellationToken.None);

        string[] elements = ["socket-state", "socket-org", "socket-count"];
        Assert.All(elements, id => Assert.Contains($"id=\"{id}\"", page.Body, StringComparison.Ordinal));
        Assert.Contains("""<script src="/assets/live.js" defer></script>""", page.Body, StringComparison.Ordinal);
        Assert.Contains("new WebSocket", script.Body, StringComparison.Ordinal);
        Assert.Equal("text/css", style.Response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task The_live_socket_counts_for_its_organization_and_echoes()
    {
        await using var upstream = await DemoUpstream.StartAsync("http://localhost:0", CancellationToken.None);
        using var socket = await ConnectAsync(upstream);

        var first = await ReceiveAsync(socket);
        await socket.SendAsync(Encoding.UTF8.GetBytes("ahoy"), WebSocketMessageType.Text, true, CancellationToken.None);
        var echo = first;
        while (echo["echo"] is null)
            echo = await ReceiveAsync(socket);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).WaitAsync(Patience);

        Assert.Equal(("acme", "org_acme", "alice@acme.test"), (first.Text("org"), first.Text("orgId"), first.Text("user")));
        Assert.Equal(1, first["count"]!.GetValue<int>());
        Assert.Equal("""["admin","member"]""", first["roles"]!.ToJsonString());
        Assert.Equal(("acme", "ahoy"), (echo.Text("org"), echo.Text("echo")));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task The_live_socket_goes_on_every_second()
    {
        await using var upstream = await DemoUpstream.StartAsync("http://localhost:0", CancellationToken.None);
        using var socket = await ConnectAsync(upstream);

        var counts = new List<int>();
        while (counts.Count < 3)
            counts.Add((await ReceiveAsync(socket))["count"]!.GetValue<int>());

        Assert.Equal([1, 2, 3], counts);
    }

    [Fact]
    public async Task The_end_of_the_app_closes_its_sockets()
    {
        var upstream = await DemoUpstream.StartAsync("http://localhost:0", CancellationToken.None);
        using var socket = await ConnectAsync(upstream);
        await ReceiveAsync(socket);

        var end = upstream.DisposeAsync().AsTask();
        var received = await socket.ReceiveAsync(new byte[4096], CancellationToken.None).WaitAsync(Patience);
        while (received.MessageType != WebSocketMessageType.Close)
            received = await socket.ReceiveAsync(new byte[4096], CancellationToken.None).WaitAsync(Patience);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        await end.WaitAsync(Patience);
    }

    private static async Task<ClientWebSocket> ConnectAsync(DemoUpstream upstream)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-Auth-Org-Slug", "acme");
        socket.Options.SetRequestHeader("X-Auth-Org-Id", "org_acme");
        socket.Options.SetRequestHeader("X-Auth-User-Email", "alice@acme.test");
        socket.Options.SetRequestHeader("X-Auth-Roles", "admin, member");
        await socket.ConnectAsync(new UriBuilder(upstream.Url) { Scheme = "ws", Path = "/orgs/acme/live" }.Uri, CancellationToken.None);
        return socket;
    }

    private static async Task<JsonObject> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(Patience);
        return JsonNode.Parse(Encoding.UTF8.GetString(buffer, 0, received.Count))!.AsObject();
    }
}
