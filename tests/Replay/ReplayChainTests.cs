using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using OrgGateway.Tests.OrgTokens;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Replay;

/// <summary>A running gateway before an upstream that refuses tokens: what may be sent again is, once, and nobody notices; everything else passes.</summary>
public sealed class ReplayChainTests(KrakenFixture kraken) : IClassFixture<KrakenFixture>, IDisposable
{
    private GatewayStack Stack => kraken.Stack;

    private int Mints => kraken.Kraken.Mints;

    public void Dispose() => Stack.Upstream.Answer = null;

    [Fact, Trait("Row", "K18"), Trait("Row", "T132"), Trait("Row", "K30")]
    public async Task A_refused_token_is_replaced_and_the_request_arrives_once_more_as_it_was()
    {
        await WarmAsync();
        Refuse(401, context => context.Response.Headers["X-First"] = "of the refusal");
        var body = "{\"n\":" + new string('1', 5000) + "}";
        using var request = Request(HttpMethod.Post, "/raw/kappa/save?a=%20b", new StringContent(body, Encoding.UTF8, "application/json"));
        request.Headers.TryAddWithoutValidation("X-Custom", ["one", "two"]);
        var minted = Mints;

        using var answer = await kraken.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("X-First"));
        Assert.False(answer.Headers.Contains("WWW-Authenticate"));
        Assert.Equal("gw-token;desc=\"replayed\"", answer.Headers.GetValues("Server-Timing").Single());
        Assert.Equal(1, Mints - minted);
        var (first, second) = Pair("/raw/kappa/save?a=%20b");
        Assert.NotEqual(first.Header("Authorization"), second.Header("Authorization"));
        Assert.Equal((first.Method, first.Text, body), (second.Method, second.Text, first.Text));
        Assert.Equal(
            first.Headers.Where(h => h.Key != "Authorization").Select(h => h.Key + ": " + h.Value).Order(StringComparer.Ordinal),
            second.Headers.Where(h => h.Key != "Authorization").Select(h => h.Key + ": " + h.Value).Order(StringComparer.Ordinal));
        using var next = await kraken.GetAsync("/raw/kappa/next");
        Assert.Equal("gw-token;desc=\"cached\"", next.Headers.GetValues("Server-Timing").Single());
    }

    [Fact, Trait("Row", "K21")]
    public async Task A_large_or_streamed_body_is_never_sent_again()
    {
        await WarmAsync();
        Refuse(401);
        var minted = Mints;
        HttpContent[] bodies = [new ByteArrayContent(new byte[20 * 1024 * 1024]), new ByteArrayContent(new byte[1024 * 1024]), new StreamContent(new UnknownLength("small"u8.ToArray()))];
        foreach (var body in bodies)
        {
            Stack.Upstream.Forget();
            using var answer = await kraken.Http.SendAsync(Request(HttpMethod.Post, "/raw/kappa/upload", body));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Single(Stack.Upstream.Requests, r => r.RawTarget == "/raw/kappa/upload");
        }
        Assert.Equal(0, Mints - minted);
    }

    [Fact, Trait("Row", "K21"), Trait("Row", "T132")]
    public async Task Of_two_refusals_in_a_row_the_second_reaches_the_caller()
    {
        await WarmAsync("lambda");
        var count = 0;
        Stack.Upstream.Answer = context => HostileAnswers.Text($"refusal {Interlocked.Increment(ref count)}", "text/plain", 401)(context);

        using var answer = await kraken.GetAsync("/raw/lambda/twice");

        Assert.Equal((HttpStatusCode.Unauthorized, "refusal 2", 2), (answer.StatusCode, await answer.Content.ReadAsStringAsync(), count));
    }

    [Theory, Trait("Row", "T131")]
    [InlineData("Bearer error=\"insufficient_scope\", scope=\"write\"")]
    [InlineData("Bearer error=\"insufficient_user_authentication\", acr_values=\"mfa\"")]
    [InlineData("Basic realm=\"app\"")]
    public async Task A_refusal_that_another_token_cannot_mend_passes(string challenge)
    {
        await WarmAsync();
        Refuse(401, context => context.Response.Headers.WWWAuthenticate = challenge);
        var minted = Mints;
        Stack.Upstream.Forget();

        using var answer = await kraken.GetAsync("/raw/kappa/scope");

        Assert.Equal((HttpStatusCode.Unauthorized, challenge), (answer.StatusCode, answer.Headers.GetValues("WWW-Authenticate").Single()));
        Assert.Equal((0, 1), (Mints - minted, Stack.Upstream.Hits));
    }

    [Fact, Trait("Row", "T105")]
    public async Task An_upstream_that_refuses_everything_costs_few_mints()
    {
        await WarmAsync("omega");
        Stack.Upstream.Answer = HostileAnswers.Text("never", "text/plain", 401);
        var minted = Mints;
        for (var round = 0; round < 4; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
            {
                using var answer = await kraken.GetAsync("/raw/omega/never");
                return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
            }));
            Assert.All(answers, a => Assert.Equal((HttpStatusCode.Unauthorized, "never"), a));
        }
        Assert.InRange(Mints - minted, 1, 6);
    }

    [Fact, Trait("Row", "K18"), Trait("Row", "K22")]
    public async Task Many_requests_with_one_dead_token_share_one_new_one()
    {
        await WarmAsync();
        Refuse(401);
        var minted = Mints;
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            using var answer = await kraken.GetAsync($"/raw/kappa/shared{i}");
            return answer.StatusCode;
        }));
        Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(1, Mints - minted);
    }

    [Fact, Trait("Row", "K18")]
    public async Task A_websocket_handshake_is_sent_again_too()
    {
        await WarmAsync();
        kraken.Kraken.KillTokens();
        Stack.Upstream.Answer = async context =>
        {
            if (!IsAlive(context))
            {
                context.Response.StatusCode = 401;
                return;
            }
            using var accepted = await context.WebSockets.AcceptWebSocketAsync();
            await accepted.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, context.RequestAborted);
            await accepted.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        };
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(new Uri(Stack.Url, "/raw/kappa/socket")) { Scheme = "ws" }.Uri, bound.Token);
        var buffer = new byte[64];
        var read = await socket.ReceiveAsync(buffer, bound.Token);
        Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, read.Count));
    }

    [Fact, Trait("Row", "K18")]
    public async Task A_users_token_that_is_dead_before_its_time_is_refreshed_once_for_all_their_requests()
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        var cookie = "orggw=" + Stack.SessionOf(browser);
        using var first = await kraken.Http.SendAsync(WithCookie("/orgs/acme/api/echo", cookie));
        var dead = Stack.Upstream.LastRequest.Header("Authorization");
        var refreshes = Stack.Provider.Counters.RefreshGrants.Value;
        Stack.Upstream.Answer = context => context.Request.Headers.Authorization == dead ? HostileAnswers.Status(401)(context) : HostileAnswers.Text("fine", "text/plain")(context);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var answer = await kraken.Http.SendAsync(WithCookie("/orgs/acme/api/echo", cookie));
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }));

        Assert.All(answers, a => Assert.Equal((HttpStatusCode.OK, "fine"), a));
        Assert.Equal(1, Stack.Provider.Counters.RefreshGrants.Value - refreshes);
    }

    [Fact]
    public async Task A_route_may_say_that_nothing_is_sent_again()
    {
        await WarmAsync();
        Refuse(401);
        var minted = Mints;
        using var answer = await kraken.GetAsync("/once/kappa/x");
        Assert.Equal((HttpStatusCode.Unauthorized, 0), (answer.StatusCode, Mints - minted));
    }

    [Theory, Trait("Row", "P16"), Trait("Row", "K3")]
    [InlineData("X-Debug", "raw")]
    [InlineData("Location", "url")]
    [InlineData("X-Trace", "base64")]
    [InlineData("X-Trace", "base64-within")]
    [InlineData("Set-Cookie", "raw")]
    public async Task An_answer_whose_headers_carry_the_token_is_stopped(string header, string form)
    {
        await WarmAsync();
        var sent = "";
        Stack.Upstream.Answer = context =>
        {
            sent = context.Request.Headers.Authorization.ToString();
            context.Response.Headers[header] = form switch
            {
                "url" => "https://app.example/?token=" + string.Concat(sent.Select(c => $"%{(int)c:X2}")),
                "base64" => Convert.ToBase64String(Encoding.ASCII.GetBytes(sent)),
                "base64-within" => "a=" + Convert.ToBase64String(Encoding.ASCII.GetBytes("Authorization: " + sent + "; more")),
                _ => "t=" + sent + "; Path=/",
            };
            return HostileAnswers.Text("the body", "text/plain")(context);
        };
        var events = Events();

        using var answer = await kraken.GetAsync("/raw/kappa/leak");
        var everything = answer.Headers.ToString() + answer.Content.Headers + await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Contains("upstream_leaked_token", everything, StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains(header));
        Assert.DoesNotContain(sent[..20], everything, StringComparison.Ordinal);
        await Wait.UntilAsync(() => Events() == events + 1, TimeSpan.FromSeconds(10), "one audit event");
    }

    private int Events() => Stack.Gateway.Output.Split("token.leak_stopped").Length - 1;

    private async Task WarmAsync(string org = "kappa") => (await kraken.GetAsync($"/raw/{org}/warm")).Dispose();

    private bool IsAlive(HttpContext context) => kraken.Kraken.OrganizationOf(context.Request.Headers.Authorization) is not null;

    /// <summary>Dead tokens are refused, living ones get the echo's place taken by "fine".</summary>
    private void Refuse(int status, Action<HttpContext>? change = null)
    {
        kraken.Kraken.KillTokens();
        Stack.Upstream.Answer = context =>
        {
            if (IsAlive(context))
                return HostileAnswers.Text("fine", "text/plain")(context);
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"app\", error=\"invalid_token\", error_description=\"error=insufficient_scope\"";
            change?.Invoke(context);
            return HostileAnswers.Text("refused", "text/plain", status)(context);
        };
    }

    private (ReceivedRequest First, ReceivedRequest Second) Pair(string target)
    {
        var pair = Stack.Upstream.Requests.Where(r => r.RawTarget == target).ToList();
        Assert.Equal(2, pair.Count);
        return (pair[0], pair[1]);
    }

    private HttpRequestMessage WithCookie(string path, string cookie)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Stack.Url, path));
        request.Headers.TryAddWithoutValidation("Cookie", cookie);
        return request;
    }

    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content) => new(method, new Uri(Stack.Url, path)) { Content = content };

    private sealed class UnknownLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false; // so that it goes out in chunks
    }
}
