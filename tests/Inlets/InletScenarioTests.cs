using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OrgGateway.Revocation;
using OrgGateway.Sessions;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Sessions;
using OrgGateway.Tests.SignIn;

namespace OrgGateway.Tests.Inlets;

/// <summary>One scenario, once per inlet: a person signed in on three replicas is out on all of them, and nobody else is.</summary>
[Collection(ThreeReplicas.Collection)]
public sealed class InletScenarioTests(ThreeReplicas servers)
{
    public static TheoryData<string> Inlets => ["logout", "operator by session", "operator by subject", "back-channel logout", "front-channel logout", "CAEP session-revoked", "SCIM PATCH", "SCIM DELETE"];

    [Theory]
    [MemberData(nameof(Inlets))]
    [Trait("Row", "P3")]
    [Trait("Row", "T46")]
    [Trait("Row", "T146")]
    [Trait("Row", "P6")]
    [Trait("Row", "S44")]
    [Trait("Row", "O127")]
    [Trait("Row", "O128")]
    public async Task Every_inlet_leaves_the_same_state_on_three_replicas(string inlet)
    {
        using var alice = await servers.Stack.SignedInAsync("alice@acme.test");
        using var bob = await servers.Stack.SignedInAsync("bob@globex.test");
        var (mine, others) = (servers.Stack.SessionOf(alice)!, servers.Stack.SessionOf(bob)!);
        await servers.AssertInAsync(mine);
        await servers.AssertInAsync(others);
        var record = await StoredSession.ReadAsync(servers.Redis, mine);

        await ActAsync(inlet, servers.Urls[1], mine, record);

        await servers.OutAsync(mine, inlet);
        await servers.AssertInAsync(others);
        var left = await servers.Redis.DumpAllAsync();
        Assert.DoesNotContain(StoredSession.KeyOf(mine), left.Keys);
        var id = StoredSession.KeyOf(mine)["orggw:session:".Length..];
        await Wait.UntilAsync(
            async () => (await servers.Redis.DumpAllAsync()).Where(e => e.Key.StartsWith("orggw:sessions:", StringComparison.Ordinal)).All(e => !Encoding.ASCII.GetString(e.Value).Contains(id, StringComparison.Ordinal)),
            TimeSpan.FromSeconds(5),
            "no index names it");

        // The old cookie is nobody's, on every path, and does not come back (T46).
        foreach (var url in servers.Urls)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await servers.Client.StatusAsync(url, "/orgs/acme/api/echo", mine));
        }
        await servers.OutAsync(mine, "replaying the cookie after " + inlet);
    }

    [Fact]
    [Trait("Row", "T78")]
    [Trait("Row", "P3")]
    public async Task A_revoked_membership_refuses_that_organization_on_every_replica_and_leaves_the_other()
    {
        using var carol = await servers.Stack.SignedInAsync("carol@initech.test");
        var cookie = servers.Stack.SessionOf(carol)!;
        foreach (var url in servers.Urls)
            foreach (var org in new[] { "acme", "globex" })
                Assert.Equal(HttpStatusCode.OK, await servers.Client.StatusAsync(url, $"/orgs/{org}/docs", cookie));
        var record = await StoredSession.ReadAsync(servers.Redis, cookie);

        var revoked = await servers.Operator.Revocation.RevokeAsync(new(RevocationScope.Membership, RevocationReasons.Admin, Issuer: record.Issuer, Subject: record.Subject, OrgId: "org_acme"));
        Assert.True(revoked is { Sessions: >= 1, Complete: true });
        await Wait.UntilAsync(
            async () => (await Task.WhenAll(servers.Urls.Select(url => servers.Client.StatusAsync(url, "/orgs/acme/docs", cookie)))).All(s => s == HttpStatusCode.Forbidden),
            TimeSpan.FromSeconds(5),
            "the membership is gone on every replica");
        foreach (var url in servers.Urls)
            Assert.Equal(HttpStatusCode.OK, await servers.Client.StatusAsync(url, "/orgs/globex/docs", cookie));
    }

    [Fact]
    [Trait("Row", "P7")]
    public async Task An_organization_signed_out_takes_its_members_and_nobody_else()
    {
        using var alice = await servers.Stack.SignedInAsync("alice@acme.test");
        using var bob = await servers.Stack.SignedInAsync("bob@globex.test"); // no member of acme
        await servers.AssertInAsync(servers.Stack.SessionOf(alice)!);
        Assert.True((await servers.Operator.Revocation.RevokeAsync(new(RevocationScope.Organization, RevocationReasons.Admin, OrgId: "org_acme"))).Sessions >= 1);
        await servers.OutAsync(servers.Stack.SessionOf(alice)!, "the organization's revocation");
        await servers.AssertInAsync(servers.Stack.SessionOf(bob)!);
    }

    private async Task ActAsync(string inlet, Uri gateway, string cookie, SessionRecord record)
    {
        switch (inlet)
        {
            case "logout":
                using (var answer = await servers.Client.GetAsync(gateway, "/auth/logout", cookie))
                    Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                break;
            case "operator by session":
                Assert.True(SessionId.TryOf(cookie, out var id));
                Assert.Equal(new RevocationOutcome(1, true), await servers.Operator.Revocation.RevokeAsync(new(RevocationScope.Session, RevocationReasons.Admin, Session: id.ToString())));
                break;
            case "operator by subject":
                Assert.True((await servers.Operator.Revocation.RevokeAsync(new(RevocationScope.Subject, RevocationReasons.Admin, Issuer: record.Issuer, Subject: record.Subject))).Complete);
                break;
            case "back-channel logout":
                await servers.Stack.Provider.EndSessionsAsync(record.Subject, CancellationToken.None);
                break;
            case "front-channel logout":
                using (var answer = await servers.Client.GetAsync(gateway, $"/auth/frontchannel-logout?iss={Uri.EscapeDataString(record.Issuer)}&sid={Uri.EscapeDataString(record.ProviderSession!)}", null))
                {
                    Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                    Assert.True(answer.Headers.CacheControl!.NoStore);
                    Assert.Contains("frame-ancestors " + record.Issuer, answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
                }
                break;
            case "CAEP session-revoked":
                using (var answer = await ThreeReplicas.DeliverAsync(gateway, servers.Event("session-revoked", new JsonObject { ["format"] = "iss_sub", ["iss"] = record.Issuer, ["sub"] = record.Subject })))
                    Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
                break;
            default:
                using (var http = new HttpClient())
                using (var request = new HttpRequestMessage(inlet == "SCIM PATCH" ? HttpMethod.Patch : HttpMethod.Delete, new Uri(gateway, "/auth/scim/v2/Users/" + Uri.EscapeDataString(record.Subject))))
                {
                    request.Headers.Authorization = new("Bearer", ThreeReplicas.ScimToken);
                    if (inlet == "SCIM PATCH")
                        request.Content = new StringContent("""{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}""", Encoding.UTF8, "application/scim+json");
                    using var answer = await http.SendAsync(request);
                    Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
                }
                break;
        }
    }
}
