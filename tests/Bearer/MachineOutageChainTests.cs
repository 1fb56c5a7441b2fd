using System.Net;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Sockets;

namespace OrgGateway.Tests.Bearer;

/// <summary>Programs and their sockets while the store is away: what is known goes on, what must be looked up waits, and what ends afterwards ends.</summary>
public sealed class MachineOutageChainTests(MachineReplicas servers) : IClassFixture<MachineReplicas>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact, Trait("Row", "T142"), Trait("Row", "C21")]
    public async Task Programs_go_on_while_the_store_is_away_and_their_sockets_can_be_closed_when_it_is_back()
    {
        var token = servers.Token("worker");
        var (_, key) = await servers.NewKeyAsync("keeper");
        var (warm, cold) = (servers.Clients[0], servers.Clients[1]);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), ((await warm.GetAsync("/machine/acme/x", token)).Status, (await warm.GetAsync("/keyed/acme/x", key)).Status));
        using var ofToken = await OpenAsync(0, "/machine/acme/live", "Bearer " + token);
        using var ofKey = await OpenAsync(0, "/keyed/acme/live", "Bearer " + key);
        await ofToken.HelloAsync();
        await ofKey.HelloAsync();

        await servers.Redis.KillAsync();

        await ofToken.EchoAsync("token");
        await ofKey.EchoAsync("key");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), ((await warm.GetAsync("/machine/acme/x", token)).Status, (await warm.GetAsync("/keyed/acme/x", key)).Status));
        using (var another = await OpenAsync(0, "/keyed/acme/live", "Bearer " + key))
            await another.HelloAsync();
        // A token says itself what it is; of a key this replica knows nothing, and nothing is not "no".
        Assert.Equal(HttpStatusCode.OK, (await cold.GetAsync("/machine/acme/x", token)).Status);
        var unknown = await cold.GetAsync("/keyed/acme/x", key);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (unknown.Status, unknown.Header("Retry-After") is not null));
        using (var opened = await OpenAsync(1, "/machine/acme/live", "Bearer " + token))
            await opened.HelloAsync();
        using (var refused = await OpenAsync(1, "/keyed/acme/live", "Bearer " + key))
            Assert.Equal(503, refused.Status);

        await servers.Redis.StartAgainAsync();
        // What is revoked must reach the replicas again, as it did before.
        await Wait.UntilAsync(async () => (await cold.GetAsync("/keyed/acme/x", key)).Status == HttpStatusCode.Unauthorized, Bound, "the store answers again");
        await ofToken.EchoAsync("still here");
        await Wait.UntilAsync(async () => await IsDeactivatedAsync("worker"), Bound, "the directory is heard");
        Assert.Equal((4401, "session ended"), await ofToken.ClosedAsync());
    }

    private async Task<bool> IsDeactivatedAsync(string subject)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri(servers.Stack.Url, "/auth/scim/v2/Users/" + subject));
        request.Headers.Authorization = new("Bearer", MachineReplicas.ScimToken);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode == HttpStatusCode.NoContent;
    }

    private Task<SocketClient> OpenAsync(int replica, string path, string authorization) =>
        SocketClient.OpenAsync(new Uri(servers.Gateways[replica].Url, path), cookie: null, origin: null, authorization: authorization);
}
