using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sockets;

/// <summary>Sockets that outlive what they were opened with: tokens, roles, the provider's memory, the session itself.</summary>
public sealed class SocketAgeChainTests
{
    [Fact, Trait("Row", "C20"), Trait("Row", "T138")]
    public async Task A_socket_outlives_its_tokens_until_a_role_is_gone_or_the_provider_refuses()
    {
        var http2 = FreePort.NextOrigin();
        await using var stack = await GatewayStack.StartAsync(new()
        {
            AccessTokenLifetime = TimeSpan.FromSeconds(3),
            Configure = (_, configuration) => SocketServers.Configure(configuration, http2),
        });
        using var alice = await stack.SignedInAsync("alice@acme.test");
        using var admin = await OpenAsync(stack, alice, "/orgs/acme/admin-live");
        using var member = await OpenAsync(stack, alice, "/orgs/acme/live");
        using var elsewhere = await OpenAsync(stack, alice, "/orgs/globex/live");
        SocketClient[] all = [admin, member, elsewhere];
        foreach (var socket in all)
            await socket.HelloAsync();

        // Nobody but the open sockets needs the token, and it is renewed.
        var before = stack.Provider.Counters.RefreshGrants.Value;
        await Wait.UntilAsync(() => stack.Provider.Counters.RefreshGrants.Value >= before + 2, SocketClient.Bound, "the token is renewed twice");
        foreach (var socket in all)
            await socket.EchoAsync("still here");

        stack.Provider.Put(new DemoUser("u-alice", "alice@acme.test", "Alice Adams", "demo", [new("org_acme", "acme", "Acme Ltd", ["member"]), new("org_globex", "globex", "Globex Inc", ["viewer"])]));
        Assert.Equal((4403, "membership lost"), await admin.ClosedAsync());
        await member.EchoAsync("still a member");
        await elsewhere.EchoAsync("still a member");

        stack.Provider.RevokeGrants("u-alice");
        Assert.Equal((4401, "session ended"), await member.ClosedAsync());
        Assert.Equal((4401, "session ended"), await elsewhere.ClosedAsync());
    }

    private static Task<SocketClient> OpenAsync(GatewayStack stack, DemoBrowser browser, string path) =>
        SocketClient.OpenAsync(new Uri(stack.Url, path), "orggw=" + stack.SessionOf(browser), stack.Origin);
}
