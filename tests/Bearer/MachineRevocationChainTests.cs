using System.Net;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Sockets;

namespace OrgGateway.Tests.Bearer;

/// <summary>Somebody's access ends, and with it what programs hold of it: tokens that nobody can take back, keys, and open sockets.</summary>
public sealed class MachineRevocationChainTests(MachineReplicas servers) : IClassFixture<MachineReplicas>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    [Fact, Trait("Row", "P3"), Trait("Row", "C21"), Trait("Row", "T138")]
    public async Task A_subject_that_is_deactivated_loses_its_tokens_and_sockets_on_every_replica_and_gets_in_with_a_new_one()
    {
        var (gone, stays) = (servers.Token("leaver"), servers.Token("stayer"));
        foreach (var client in servers.Clients)
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), ((await client.GetAsync("/machine/acme/x", gone)).Status, (await client.GetAsync("/machine/acme/x", stays)).Status));
        using var first = await OpenAsync(servers.Gateways[0], "/machine/acme/live", "Bearer " + gone);
        using var second = await OpenAsync(servers.Gateways[1], "/machine/acme/live", "Bearer " + gone);
        using var other = await OpenAsync(servers.Gateways[1], "/machine/acme/live", "Bearer " + stays);
        foreach (var socket in new[] { first, second, other })
            await socket.HelloAsync();

        await servers.DeactivateAsync("leaver");

        Assert.Equal((4401, "session ended"), await first.ClosedAsync());
        Assert.Equal((4401, "session ended"), await second.ClosedAsync());
        await other.EchoAsync("still here");
        foreach (var client in servers.Clients)
        {
            await Wait.UntilAsync(async () => (await client.GetAsync("/machine/acme/x", gone)).Code == "token_revoked", Bound, "the token is refused on every replica");
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/machine/acme/x", stays)).Status);
        }
        var refused = await servers.Clients[0].GetAsync("/machine/acme/x", gone);
        Assert.Equal((HttpStatusCode.Unauthorized, true), (refused.Status, refused.Header("WWW-Authenticate")!.StartsWith("Bearer error=\"invalid_token\"", StringComparison.Ordinal)));
        using (var again = await OpenAsync(servers.Gateways[1], "/machine/acme/live", "Bearer " + gone))
            Assert.Equal(401, again.Status);

        // What was revoked is known to a replica that starts afterwards.
        using var late = new BearerClient((await servers.Stack.StartReplicaAsync()).Url);
        Assert.Equal(("token_revoked", HttpStatusCode.OK), ((await late.GetAsync("/machine/acme/x", gone)).Code, (await late.GetAsync("/machine/acme/x", stays)).Status));

        // Let in again by the issuer, they come with a token that was issued since.
        await Wait.UntilAsync(async () => (await servers.Clients[1].GetAsync("/machine/acme/x", servers.Token("leaver"))).Status == HttpStatusCode.OK, Bound, "a token issued later counts");
        Assert.Equal("token_revoked", (await servers.Clients[1].GetAsync("/machine/acme/x", gone)).Code);
        Assert.Contains("token_revoked", servers.Stack.Gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("leaver", string.Join('\n', (await servers.Redis.DumpAllAsync()).Select(k => k.Key + System.Text.Encoding.Latin1.GetString(k.Value))), StringComparison.Ordinal);
    }

    [Fact, Trait("Row", "P3"), Trait("Row", "C21")]
    public async Task A_key_and_its_sockets_end_with_their_owner_and_the_command_alone_removes_it()
    {
        var ((id, key), (_, others)) = (await servers.NewKeyAsync("owner"), await servers.NewKeyAsync("somebody"));
        using var first = await OpenAsync(servers.Gateways[0], "/keyed/acme/live", "ApiKey " + key);
        using var second = await OpenAsync(servers.Gateways[1], "/keyed/acme/live", "ApiKey " + key);
        using var stays = await OpenAsync(servers.Gateways[1], "/keyed/acme/live", "ApiKey " + others);
        foreach (var socket in new[] { first, second, stays })
            await socket.HelloAsync();

        var revoked = await servers.RunAsync("sessions", "revoke", "--issuer", servers.Provider.Issuer, "--user", "owner");
        Assert.True(revoked.ExitCode == 0, revoked.Output);

        Assert.Equal((4401, "session ended"), await first.ClosedAsync());
        Assert.Equal((4401, "session ended"), await second.ClosedAsync());
        await stays.EchoAsync("still here");
        Assert.DoesNotContain(id, (await servers.RunAsync("keys", "list")).Output, StringComparison.Ordinal);
        foreach (var client in servers.Clients)
            Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), ((await client.GetAsync("/keyed/acme/x", key)).Status, (await client.GetAsync("/keyed/acme/x", others)).Status));
        Assert.NotEqual(0, (await servers.RunAsync("keys", "create", "--org", "acme", "--owner", "x", "--owner-issuer", "https://nobody.example")).ExitCode);
    }

    [Fact, Trait("Row", "T78")]
    public async Task A_membership_that_ends_takes_one_organization_out_of_the_token_and_its_sockets_and_leaves_the_others()
    {
        var token = servers.Token("member", "acme", "globex");
        using var acme = await OpenAsync(servers.Gateways[1], "/machine/acme/live", "Bearer " + token);
        using var globex = await OpenAsync(servers.Gateways[1], "/machine/globex/live", "Bearer " + token);
        await acme.HelloAsync();
        await globex.HelloAsync();

        var revoked = await servers.RunAsync("sessions", "revoke", "--issuer", servers.Provider.Issuer, "--user", "member", "--org", "acme");
        Assert.True(revoked.ExitCode == 0, revoked.Output);

        Assert.Equal((4403, "membership lost"), await acme.ClosedAsync());
        await globex.EchoAsync("still here");
        foreach (var client in servers.Clients)
        {
            await Wait.UntilAsync(async () => (await client.GetAsync("/machine/acme/x", token)).Status == HttpStatusCode.Forbidden, Bound, "the organization is taken out on every replica");
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/machine/globex/x", token)).Status);
        }
    }

    [Fact]
    public async Task A_program_of_an_issuer_that_is_no_identity_provider_can_be_revoked_too()
    {
        var (gone, stays) = (MachineReplicas.CiToken("job-1"), MachineReplicas.CiToken("job-2"));
        foreach (var client in servers.Clients)
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/machine/acme/x", gone)).Status);
        var revoked = await servers.RunAsync("sessions", "revoke", "--issuer", MachineReplicas.CiIssuer, "--user", "job-1");
        Assert.True(revoked.ExitCode == 0, revoked.Output);
        foreach (var client in servers.Clients)
        {
            await Wait.UntilAsync(async () => (await client.GetAsync("/machine/acme/x", gone)).Code == "token_revoked", Bound, "the token is refused on every replica");
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/machine/acme/x", stays)).Status);
        }
    }

    private static Task<SocketClient> OpenAsync(GatewayProcess gateway, string path, string authorization) =>
        SocketClient.OpenAsync(new Uri(gateway.Url, path), cookie: null, origin: null, authorization: authorization);
}
