using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace OrgGateway.Tests.Servers;

/// <summary>The tests lean on these servers, so they must do what their names say.</summary>
public sealed class ServersTests(EchoUpstream upstream) : IClassFixture<EchoUpstream>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task The_upstream_echoes_and_records_a_request_as_it_was_sent()
    {
        upstream.Forget();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{upstream.Url}/a%2Fb?c=d") { Content = new StringContent("hello") };
        request.Headers.Add("x-TWICE", ["one", "two"]);
        using var answer = await client.SendAsync(request);
        var echo = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;

        Assert.Equal("hello", (string?)echo["body"]);
        Assert.Equal("?c=d", (string?)echo["query"]);
        Assert.Equal(1, upstream.Hits);
        Assert.Equal("/a%2Fb?c=d", upstream.LastRequest.RawTarget);
        Assert.Contains(upstream.LastRequest.Headers, header => header.Key == "x-TWICE");
    }

    [Fact]
    public async Task The_upstream_tells_repeated_headers_apart_and_keeps_their_order()
    {
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync("127.0.0.1", upstream.Port);
        var stream = socket.GetStream();
        foreach (var path in new[] { "/1", "/2" }) // the second one on the same connection
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nB: 1\r\nHost: h\r\na: 2\r\nb: 3\r\n\r\n"));
            await Wait.UntilAsync(() => upstream.Requests.Any(request => request.RawTarget == path), Bound, $"{path} arrives");
            var request = upstream.Requests.Single(request => request.RawTarget == path);
            Assert.Equal(["B", "Host", "a", "b"], request.Headers.Select(header => header.Key));
            Assert.Equal(["1", "3"], request.Values("b"));
        }
    }

    [Fact]
    public async Task The_upstream_tells_the_identity_of_a_socket_and_how_it_was_closed()
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-Auth-Org-Slug", "acme");
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{upstream.Port}/live"), CancellationToken.None);
        var buffer = new byte[1024];
        var first = await socket.ReceiveAsync(buffer, CancellationToken.None);
        Assert.Equal("""{"x-auth-org-slug":"acme"}""", Encoding.UTF8.GetString(buffer, 0, first.Count));
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        var second = await socket.ReceiveAsync(buffer, CancellationToken.None);
        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, second.Count));
        await socket.CloseAsync((WebSocketCloseStatus)4401, "over", CancellationToken.None);
        await Wait.UntilAsync(() => upstream.Closed.Contains((WebSocketCloseStatus)4401) && upstream.OpenSockets == 0, Bound, "the close arrives");
    }

    [Fact]
    public async Task The_upstream_answers_as_told_and_comes_back_at_its_port()
    {
        await using var other = new EchoUpstream();
        await other.StartAsync();
        other.Answer = context => { context.Response.StatusCode = StatusCodes.Status418ImATeapot; return Task.CompletedTask; };
        using var client = new HttpClient();
        using (var answer = await client.GetAsync(new Uri(other.Url))) Assert.Equal(418, (int)answer.StatusCode);
        await other.StopAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri(other.Url)));
        await other.StartAsync();
        using (var answer = await client.GetAsync(new Uri(other.Url))) Assert.Equal(418, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_child_process_is_asked_to_end_and_tells_what_it_printed()
    {
        await using var child = ChildProcess.Start("/bin/sh", ["-c", "trap 'echo ending; exit 7' TERM; echo ready; echo fault >&2; while :; do sleep 0.05; done"]);
        await child.WaitForLineAsync(line => line == "ready", Bound, "the shell starts");
        child.Terminate();
        Assert.Equal(7, await child.WaitForExitAsync(Bound));
        Assert.Contains("ending", child.Output);
        Assert.Contains("fault", child.Output);
    }

    [Fact]
    public async Task A_gateway_that_ends_before_it_answers_is_reported_at_once()
    {
        var ended = await Assert.ThrowsAsync<InvalidOperationException>(() => GatewayProcess.StartAsync("""{ "Gateway": { "NoSuchKey": 1 } }"""));
        Assert.Contains("exit code", ended.Message);
    }
}
