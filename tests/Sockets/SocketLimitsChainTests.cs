using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sockets;

/// <summary>Limits, configuration reloads and shutdowns as open sockets and their clients meet them.</summary>
public sealed class SocketLimitsChainTests
{
    [Fact, Trait("Row", "T138")]
    public async Task Limits_answer_429_and_a_reload_that_takes_room_or_a_member_away_closes()
    {
        await using var stack = await GatewayStack.StartAsync(new()
        {
            Configure = (_, configuration) =>
            {
                configuration["Gateway"]!["Sockets"] = new JsonObject { ["MaxPerSession"] = 3, ["MaxPerOrganization"] = 4, ["Max"] = 5 };
                configuration["Gateway"]!["Organizations"]!["initech"]!["Members"] = new JsonObject { ["u-alice"] = new JsonArray("member") };
            },
        });
        using var alice = await stack.SignedInAsync("alice@acme.test");
        using var carol = await stack.SignedInAsync("carol@initech.test");
        var sockets = new List<RawSocket>();
        foreach (var (person, org, status) in new[]
        {
            (alice, "acme", 101), (alice, "acme", 101), (alice, "initech", 101), (alice, "globex", 429), // three of a session
            (carol, "acme", 101), (carol, "globex", 101), (carol, "initech", 429), // five in all
        })
        {
            var socket = await OpenAsync(stack, person, org);
            Assert.Equal(status, socket.Status);
            if (status == 101)
            {
                await socket.FrameAsync();
                sockets.Add(socket);
            }
        }

        // Without the member and with less room: what came last goes.
        var changed = stack.Configuration.DeepClone();
        changed["Gateway"]!["Organizations"]!["initech"]!.AsObject().Remove("Members");
        changed["Gateway"]!["Sockets"]!["Max"] = 4;
        stack.Gateway.Reconfigure(changed.AsObject());

        Assert.Equal((4403, "membership lost"), await sockets[2].ClosedAsync());
        Assert.Equal((1013, "overload"), await sockets[4].ClosedAsync());
        foreach (var stays in new[] { sockets[0], sockets[1], sockets[3] })
        {
            await stays.SendAsync(Frame.Of(Frame.Final | Frame.Text, 5, masked: true, fill: (byte)'a'));
            Assert.Equal(Frame.Text, (await stays.FrameAsync())!.Value.Opcode);
        }
        foreach (var socket in sockets)
            socket.Dispose();
        await Wait.UntilAsync(
            async () =>
            {
                using var room = await OpenAsync(stack, alice, "acme");
                return room.Status == 101;
            },
            SocketClient.Bound, "there is room again");
    }

    [Fact, Trait("Row", "C23"), Trait("Row", "C18")]
    public async Task At_SIGTERM_sockets_get_1012_readiness_says_no_requests_finish_and_the_process_ends()
    {
        await using var stack = await GatewayStack.StartAsync(new());
        using var alice = await stack.SignedInAsync("alice@acme.test");
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false }) { Timeout = SocketClient.Bound };
        using var socket = await OpenAsync(stack, alice, "acme");
        using var silent = await OpenAsync(stack, alice, "globex"); // never answers a Close
        await socket.FrameAsync();
        var (arrived, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        stack.Upstream.Answer = async context =>
        {
            arrived.SetResult();
            await release.Task;
            await context.Response.Body.WriteAsync("done"u8.ToArray());
        };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(stack.Url, "/orgs/acme/slow"));
        request.Headers.TryAddWithoutValidation("Cookie", "orggw=" + stack.SessionOf(alice));
        var slow = http.SendAsync(request);
        await arrived.Task;
        stack.Gateway.Terminate();

        Assert.Equal((1012, "restart"), await socket.ClosedAsync());
        await socket.AnswerCloseAsync();
        Assert.True(await socket.EndsAsync());
        Assert.Equal((1012, "restart"), await silent.ClosedAsync());
        await Wait.UntilAsync(async () => await ReadinessAsync(http, stack) == HttpStatusCode.ServiceUnavailable, SocketClient.Bound, "readiness is off");
        release.SetResult();
        using var answer = await slow;
        Assert.Equal((HttpStatusCode.OK, "done"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        Assert.Equal(0, await stack.Gateway.WaitForExitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Until_DrainDelay_is_over_load_balancers_are_told_and_sockets_still_open_and_stay()
    {
        await using var stack = await GatewayStack.StartAsync(new() { Configure = (_, configuration) => configuration["Gateway"]!["Management"]!["DrainDelay"] = "00:01:00" });
        using var alice = await stack.SignedInAsync("alice@acme.test");
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false }) { Timeout = SocketClient.Bound };
        using var before = await OpenAsync(stack, alice, "acme");
        stack.Gateway.Terminate();
        await Wait.UntilAsync(async () => await ReadinessAsync(http, stack) == HttpStatusCode.ServiceUnavailable, SocketClient.Bound, "readiness is off");

        using var after = await OpenAsync(stack, alice, "acme");
        Assert.Equal(101, after.Status);
        Assert.Equal(Frame.Text, (await after.FrameAsync())!.Value.Opcode);
        Assert.Equal(Frame.Text, (await before.FrameAsync())!.Value.Opcode);
    }

    private static async Task<HttpStatusCode?> ReadinessAsync(HttpClient http, GatewayStack stack)
    {
        using var answer = await http.GetAsync(new Uri(stack.Gateway.ManagementUrl, "/health/ready"));
        return answer.StatusCode;
    }

    private static Task<RawSocket> OpenAsync(GatewayStack stack, DemoBrowser browser, string org) =>
        RawSocket.OpenAsync(new Uri(stack.Url, $"/orgs/{org}/live"), "orggw=" + stack.SessionOf(browser), stack.Origin);
}
