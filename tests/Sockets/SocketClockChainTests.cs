using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sockets;

/// <summary>Two gateways over one Redis, and the machine's clock of one of them is set an hour ahead and back: longer than any session here lives.</summary>
public sealed class SocketClockChainTests : IAsyncLifetime
{
    private static readonly TimeSpan Step = TimeSpan.FromHours(1);
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(4);
    private readonly RedisServer _redis = new();
    private GatewayStack? _stack;

    private GatewayStack Stack => _stack!;

    public async Task InitializeAsync()
    {
        await _redis.InitializeAsync();
        _stack = await GatewayStack.StartAsync(new() { Redis = _redis, AccessTokenLifetime = TimeSpan.FromSeconds(20), Configure = (_, configuration) => Configure(configuration) });
    }

    public async Task DisposeAsync()
    {
        if (_stack is not null)
            await _stack.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task A_clock_an_hour_ahead_for_a_moment_closes_no_socket_and_signs_nobody_out_on_either_gateway()
    {
        var wrong = await Stack.StartGatewayAsync(DemoConfiguration.Elsewhere(Stack.Configuration), SteppedClock.Environment);
        using var client = new CookieClient();
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        var session = Stack.SessionOf(alice)!;
        using var socket = await SocketClient.OpenAsync(new Uri(wrong.Url, "/orgs/acme/live"), "orggw=" + session, Stack.Origin);
        await socket.HelloAsync();

        await SetAsync(client, wrong, Step);
        // New sessions too, whose tokens are of the second before.
        using var bob = await Stack.SignedInAsync("bob@globex.test");
        string[] sessions = [session, Stack.SessionOf(bob)!];
        var began = Stopwatch.GetTimestamp();
        do
        {
            await GoOnAsync(client, wrong, socket, sessions);
            await Task.Delay(100);
        }
        while (Stopwatch.GetElapsedTime(began) < Held); // copies age out and the socket is checked meanwhile
        await SetAsync(client, wrong, TimeSpan.Zero);
        await GoOnAsync(client, wrong, socket, sessions);

        // And a real end is one, here as there.
        Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(Stack.Url, "/auth/logout", session));
        Assert.Equal((4401, "session ended"), await socket.ClosedAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, await client.StatusAsync(wrong.Url, "/me", session));
    }

    private static void Configure(JsonObject configuration)
    {
        configuration["Gateway"]!["Sessions"] = new JsonObject { ["CopyFor"] = "00:00:01", ["IdleTimeout"] = "00:20:00", ["AbsoluteTimeout"] = "00:30:00" };
        configuration["Gateway"]!["Sockets"] = new JsonObject { ["RecheckEvery"] = "00:00:01" };
    }

    private async Task GoOnAsync(CookieClient client, GatewayProcess wrong, SocketClient socket, string[] sessions)
    {
        await socket.EchoAsync("still here");
        foreach (var session in sessions)
            foreach (var gateway in (Uri[])[wrong.Url, Stack.Url])
                Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(gateway, "/me", session));
    }

    private static async Task SetAsync(CookieClient client, GatewayProcess gateway, TimeSpan step)
    {
        SteppedClock.Set(step);
        await Wait.UntilAsync(
            async () =>
            {
                using var answer = await client.GetAsync(gateway.Url, "/auth/session", null);
                var shown = (answer.Headers.Date ?? DateTimeOffset.MinValue) - TimeProvider.System.GetUtcNow();
                return (shown - step).Duration() < TimeSpan.FromMinutes(5);
            },
            SocketClient.Bound,
            $"the gateway's clock is {step} ahead");
    }
}
