using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Revocation;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.SignIn;
using Xunit.Abstractions;

namespace OrgGateway.Tests.Sockets;

/// <summary>Three gateways over one Redis: a revocation anywhere reaches every socket it concerns and no other.</summary>
public sealed class SocketReplicasChainTests(SocketReplicas servers, ITestOutputHelper output) : IClassFixture<SocketReplicas>
{
    private static readonly string[] Teams = [.. Enumerable.Range(0, 10).Select(i => $"team{i}")];

    private GatewayStack Stack => servers.Stack;

    [Fact, Trait("Row", "P2"), Trait("Row", "C21"), Trait("Row", "C18"), Trait("Row", "C19"), Trait("Row", "T138")]
    public async Task A_member_removed_on_one_replica_reads_4403_on_the_others_and_keeps_the_other_organizations()
    {
        var (alice, carol) = (await CookieAsync("alice@acme.test"), await CookieAsync("carol@initech.test"));
        var (gone, stay) = (new List<SocketClient>(), new List<SocketClient>());
        foreach (var gateway in servers.All)
        {
            gone.Add(await OpenAsync(gateway, "acme", alice));
            stay.Add(await OpenAsync(gateway, "globex", alice));
            stay.Add(await OpenAsync(gateway, "acme", carol));
        }
        foreach (var socket in gone.Concat(stay))
            await socket.HelloAsync();

        var began = Stopwatch.GetTimestamp();
        await servers.Revocations.PublishAsync(new(RevocationScope.Membership, "test", Issuer: Stack.Provider.Issuer, Subject: "u-alice", OrgId: "org_acme"));
        var codes = await Task.WhenAll(gone.Select(s => s.ClosedAsync()));
        var took = Stopwatch.GetElapsedTime(began);

        output.WriteLine($"4403 on three replicas after {took.TotalMilliseconds:0} ms");
        Assert.All(codes, code => Assert.Equal((4403, "membership lost"), code));
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        foreach (var socket in stay)
            await socket.EchoAsync("still here");
    }

    [Theory, InlineData(RevocationScope.Subject, 4401), InlineData(RevocationScope.Session, 4401), InlineData(RevocationScope.Organization, 4403), InlineData(RevocationScope.ProviderSession, 4401), Trait("Row", "C21")]
    public async Task Every_scope_closes_its_own_sockets(RevocationScope scope, int code)
    {
        var (cookie, other) = (await CookieAsync("alice@acme.test"), await CookieAsync("bob@globex.test"));
        var record = await StoredSession.ReadAsync(servers.Redis, cookie["orggw=".Length..]);
        using var socket = await OpenAsync(servers.All[1], "acme", cookie);
        using var stays = await OpenAsync(servers.All[1], "globex", other);
        await socket.HelloAsync();
        await stays.HelloAsync();
        var id = StoredSession.KeyOf(cookie["orggw=".Length..]).Split(':')[^1];

        await servers.Revocations.PublishAsync(new(scope, "test", Session: id, Issuer: record.Issuer, Subject: record.Subject, ProviderSession: record.ProviderSession, OrgId: "org_acme"));

        Assert.Equal(code, (await socket.ClosedAsync())?.Code);
        await stays.EchoAsync("still here");
    }

    [Fact, Trait("Row", "T140"), Trait("Row", "C20")]
    public async Task A_session_that_ended_without_a_message_closes_its_sockets_at_the_next_check()
    {
        var cookie = await CookieAsync("alice@acme.test");
        using var socket = await OpenAsync(servers.All[2], "acme", cookie);
        await socket.HelloAsync();
        await servers.Redis.AskAsync("DEL", StoredSession.KeyOf(cookie["orggw=".Length..]));
        Assert.Equal((4401, "session ended"), await socket.ClosedAsync());
    }

    [Fact, Trait("Row", "T139"), Trait("Row", "T138")]
    public async Task A_revocation_while_the_upstream_thinks_about_the_handshake_closes_the_socket()
    {
        var cookie = await CookieAsync("alice@acme.test");
        var (arrived, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        Stack.Upstream.Answer = async context =>
        {
            arrived.SetResult();
            await release.Task;
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.SendAsync("secret"u8.ToArray(), WebSocketMessageType.Text, true, context.RequestAborted);
            await socket.ReceiveAsync(new byte[100], context.RequestAborted);
        };
        try
        {
            var opening = OpenAsync(servers.All[0], "acme", cookie);
            await arrived.Task;
            await servers.Revocations.PublishAsync(new(RevocationScope.Membership, "test", Issuer: Stack.Provider.Issuer, Subject: "u-alice", OrgId: "org_acme"));
            release.SetResult();
            using var socket = await opening;
            if (socket.State == WebSocketState.Open)
                Assert.Contains(await socket.ClosedAsync(), new (int, string?)?[] { (4403, "membership lost"), null });
            Assert.NotEqual(WebSocketState.Open, socket.State);
        }
        finally
        {
            Stack.Upstream.Answer = null;
        }
    }

    [Fact, Trait("Row", "T141"), Trait("Row", "C20"), Trait("Row", "T138")]
    public async Task Busy_or_silent_a_socket_closes_at_the_absolute_end_of_its_session()
    {
        var cookie = await CookieAsync("bob@globex.test");
        var fresh = await Stack.StartReplicaAsync(); // no copy of the record as it was
        await servers.EndAsync(cookie["orggw=".Length..], TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(8));
        using var silent = await OpenAsync(fresh, "globex", cookie);
        using var busy = await OpenAsync(fresh, "globex", cookie);
        await silent.HelloAsync();
        await busy.HelloAsync();
        var closed = busy.ClosedAsync();
        while (!closed.IsCompleted)
        {
            try
            {
                await busy.SendAsync("busy");
            }
            catch (WebSocketException)
            {
                break; // closed
            }
            await Task.WhenAny(closed, Task.Delay(20));
        }
        Assert.Equal((4401, "session ended"), await closed);
        Assert.Equal((4401, "session ended"), await silent.ClosedAsync());
        await fresh.StopAsync();
    }

    [Fact, Trait("Row", "P1"), Trait("Row", "C9"), Trait("Row", "C14")]
    public async Task Fifty_sockets_of_ten_organizations_and_two_hundred_tabs_share_one_cookie_and_never_an_organization()
    {
        var cookie = await ManyAsync();
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false }) { Timeout = SocketClient.Bound };
        foreach (var gateway in servers.All)
            await PageAsync(http, gateway.Url, "team0", cookie, "text/html"); // each has its copy
        var before = await StoredAsync(cookie);

        var sockets = await Task.WhenAll(Teams.SelectMany(team => Enumerable.Range(0, 5).Select(async i => (team, Socket: await OpenAsync(servers.All[i % 3], team, cookie)))));
        Assert.All(sockets, s => Assert.Equal(WebSocketState.Open, s.Socket.State)); // all of them at this instant
        var tabs = Task.WhenAll(Enumerable.Range(0, 200).Select(i => PageAsync(http, servers.All[i % 3].Url, Teams[i % 10], cookie, i % 20 < 10 ? "text/html" : "application/json")));
        await Task.WhenAll(sockets.Select(async s =>
        {
            Assert.Equal(("org_" + s.team, s.team), Org(await s.Socket.HelloAsync()));
            for (var i = 0; i < 20; i++)
                await s.Socket.EchoAsync($"{s.team} {i}");
        }));
        await tabs;

        Assert.Equal(before, await StoredAsync(cookie)); // sealed with a new nonce at every write
        foreach (var (_, socket) in sockets)
            socket.Dispose();
    }

    [Fact, Trait("Row", "C11"), Trait("Row", "C19"), Trait("Row", "T109")]
    public async Task A_thousand_connects_at_once_to_a_replica_that_has_just_started_all_succeed_and_read_the_session_once()
    {
        const int Count = 1000;
        var cookie = await ManyAsync();
        var replica = await Stack.StartReplicaAsync();
        var reads = await CommandsAsync("get");

        var sockets = await Task.WhenAll(Enumerable.Range(0, Count).Select(async i => (Team: Teams[i % 2], Socket: await OpenAsync(replica, Teams[i % 2], cookie))));
        var read = await CommandsAsync("get") - reads;

        Assert.Equal(Count, sockets.Count(s => s.Socket.State == WebSocketState.Open));
        foreach (var (team, socket) in sockets)
        {
            Assert.Equal(("org_" + team, team), Org(await socket.HelloAsync()));
            socket.Dispose();
        }
        output.WriteLine($"{Count} connects, {read} reads of Redis");
        Assert.InRange(read, 0, 100);
        await replica.StopAsync();
    }

    private async Task<string> ManyAsync()
    {
        Stack.Provider.Put(new DemoUser("u-mia", "mia@many.test", "Mia Many", "demo", [.. Teams.Select(team => new DemoMembership("org_" + team, team, team, ["member"]))]));
        return await CookieAsync("mia@many.test");
    }

    private static (string? Id, string? Slug) Org(JsonObject hello) => ((string?)hello["x-auth-org-id"], (string?)hello["x-auth-org-slug"]);

    private static async Task PageAsync(HttpClient http, Uri gateway, string team, string cookie, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway, $"/orgs/{team}/api/echo"));
        request.Headers.TryAddWithoutValidation("Cookie", cookie);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await http.SendAsync(request);
        var echoed = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal("org_" + team, (string?)echoed["headers"]!["x-auth-org-id"]);
    }

    private async Task<string> CookieAsync(string email)
    {
        using var browser = await Stack.SignedInAsync(email);
        return "orggw=" + Stack.SessionOf(browser);
    }

    private Task<SocketClient> OpenAsync(GatewayProcess gateway, string org, string cookie) =>
        SocketClient.OpenAsync(new Uri(gateway.Url, $"/orgs/{org}/live"), cookie, Stack.Origin);

    private async Task<long> CommandsAsync(params string[] names)
    {
        var stats = await servers.Redis.CommandStatsAsync();
        return names.Sum(name => stats.GetValueOrDefault(name));
    }

    private async Task<byte[]> StoredAsync(string cookie) => (await servers.Redis.DumpAllAsync())[StoredSession.KeyOf(cookie["orggw=".Length..])];
}
