using System.Diagnostics;
using System.Net.WebSockets;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sockets;

/// <summary>Sockets of a running gateway over HTTP/1.1 and HTTP/2: closed readably when their access ends, whatever the upstream is at.</summary>
public sealed class SocketLifeChainTests(SocketServers servers) : IClassFixture<SocketServers>, IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private GatewayStack Stack => servers.Stack;

    [Theory, InlineData(false), InlineData(true), Trait("Row", "C18"), Trait("Row", "T138"), Trait("Row", "T135"), Trait("Row", "C10")]
    public async Task A_sign_out_closes_the_sockets_of_its_session_with_4401_and_no_others(bool http2)
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        using var other = await Stack.SignedInAsync("alice@acme.test");
        using var acme = await OpenAsync("/orgs/acme/live", alice, http2);
        using var globex = await OpenAsync("/orgs/globex/live", alice, http2);
        using var stays = await OpenAsync("/orgs/acme/live", other, http2);
        foreach (var socket in new[] { acme, globex, stays })
        {
            await socket.HelloAsync();
            await socket.EchoAsync("before");
        }

        await alice.GetAsync("/auth/logout", CancellationToken.None);

        Assert.Equal((4401, "session ended"), await acme.ClosedAsync());
        Assert.Equal((4401, "session ended"), await globex.ClosedAsync());
        await stays.EchoAsync("after");
        await Wait.UntilAsync(() => Stack.Upstream.Closed.Count(c => c == (WebSocketCloseStatus)4401) >= 2, Bound, "the upstream is told too");
    }

    [Theory, InlineData("fragments", false), InlineData("floods", false), InlineData("compresses", false), InlineData("fragments", true), InlineData("floods", true), InlineData("compresses", true)]
    [Trait("Row", "C18"), Trait("Row", "T138")]
    public async Task The_close_frame_fits_between_the_frames_of_any_upstream(string kind, bool http2)
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        Stack.Upstream.Answer = WildUpstream.AnswerAsync;
        using var socket = await OpenAsync("/orgs/acme/live?" + kind, alice, http2, compress: kind == "compresses");
        Assert.Equal(WebSocketState.Open, socket.State);
        var buffer = new byte[64 * 1024];
        for (var i = 0; i < 10; i++)
            await socket.Socket.ReceiveAsync(buffer, CancellationToken.None);

        // Reads on meanwhile: who takes nothing for two seconds cannot be told anything either.
        var closed = socket.ClosedAsync();
        await alice.GetAsync("/auth/logout", CancellationToken.None);

        Assert.Equal((4401, "session ended"), await closed);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task An_upstream_that_stops_within_a_frame_is_cut(bool http2)
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        Stack.Upstream.Answer = WildUpstream.AnswerAsync;
        using var socket = await OpenAsync("/orgs/acme/live?stops", alice, http2);
        Assert.Equal("first", System.Text.Encoding.UTF8.GetString(await socket.ReceiveAsync()));
        // Only what has come through proves that the gateway is within the frame: before, it may still say its close.
        Assert.Equal((true, false), await socket.PartAsync());

        await alice.GetAsync("/auth/logout", CancellationToken.None);

        Assert.Null(await socket.ClosedAsync());
    }

    [Fact]
    public async Task An_upstream_that_speaks_no_frames_is_cut_and_the_gateway_goes_on()
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        Stack.Upstream.Answer = WildUpstream.AnswerAsync;
        using var socket = await OpenAsync("/orgs/acme/live?babbles", alice, http2: false);
        if (socket.State == WebSocketState.Open) // it may be cut before it has read the 101
            Assert.Null(await socket.ClosedAsync());
        Stack.Upstream.Answer = null;
        using var next = await OpenAsync("/orgs/acme/live", alice, http2: false);
        await next.HelloAsync();
    }

    [Fact, Trait("Row", "T138")]
    public async Task A_client_that_does_not_answer_the_close_is_cut_and_what_it_sends_goes_nowhere()
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        using var socket = await OpenAsync("/orgs/acme/live", alice, http2: false);
        await socket.HelloAsync();
        await alice.GetAsync("/auth/logout", CancellationToken.None);
        var buffer = new byte[1000];
        Assert.Equal(WebSocketMessageType.Close, (await socket.Socket.ReceiveAsync(buffer, CancellationToken.None)).MessageType);

        // Its own end stays open; the gateway's does not.
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            var since = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(since) < Bound)
            {
                await socket.SendAsync("still here");
                await Task.Delay(20);
            }
        });
        await Wait.UntilAsync(() => Stack.Upstream.OpenSockets == 0, Bound, "the upstream's end is gone");
    }

    [Theory, InlineData("?events"), InlineData("?download"), Trait("Row", "T138")]
    public async Task A_streaming_response_breaks_off_when_its_session_ends(string query)
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        Stack.Upstream.Answer = WildUpstream.AnswerAsync;
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false }) { Timeout = Bound };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Stack.Url, "/orgs/acme/events" + query));
        request.Headers.TryAddWithoutValidation("Cookie", "orggw=" + Stack.SessionOf(alice));
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[1000];
        Assert.NotEqual(0, await stream.ReadAsync(buffer));

        await alice.GetAsync("/auth/logout", CancellationToken.None);

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (await stream.ReadAsync(buffer) > 0)
            {
            }
        });
    }

    public void Dispose() => Stack.Upstream.Answer = null;

    private Task<SocketClient> OpenAsync(string path, DemoBrowser browser, bool http2, bool compress = false) =>
        SocketClient.OpenAsync(new Uri(http2 ? servers.Http2 : Stack.Url, path), "orggw=" + Stack.SessionOf(browser), Stack.Origin, http2, compress);
}
