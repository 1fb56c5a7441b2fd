using System.Net.WebSockets;
using OrgGateway.Tests.ApiKeys;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sockets;

/// <summary>Sockets of programs, which come with a key and without cookie or origin.</summary>
public sealed class MachineSocketChainTests(ApiKeyServers servers) : IClassFixture<ApiKeyServers>
{
    [Fact, Trait("Row", "C21"), Trait("Row", "C17")]
    public async Task A_key_opens_a_socket_without_an_origin_and_closes_it_on_every_replica_when_revoked()
    {
        var ((id, key), (_, other)) = (await servers.NewKeyAsync(), await servers.NewKeyAsync());
        using var first = await OpenAsync(servers.Stack.Gateway, key);
        using var second = await OpenAsync(servers.Other, key);
        using var stays = await OpenAsync(servers.Other, other);
        foreach (var socket in new[] { first, second, stays })
            Assert.Equal("org_acme", (string?)(await socket.HelloAsync())["x-auth-org-id"]);

        await servers.KeysAsync("revoke", id);

        Assert.Equal((4401, "session ended"), await first.ClosedAsync());
        Assert.Equal((4401, "session ended"), await second.ClosedAsync());
        await stays.EchoAsync("still here");
        using var refused = await OpenAsync(servers.Other, key);
        Assert.NotEqual(WebSocketState.Open, refused.State);
        Assert.Equal(401, refused.Status);
    }

    private static Task<SocketClient> OpenAsync(GatewayProcess gateway, string key) =>
        SocketClient.OpenAsync(new Uri(gateway.Url, "/keyed/acme/live"), cookie: null, origin: null, authorization: "ApiKey " + key);
}
