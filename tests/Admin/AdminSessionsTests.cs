using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Admin;

/// <summary>Sessions as operators see and end them, over two replicas.</summary>
public sealed class AdminSessionsTests(AdminServers servers) : IClassFixture<AdminServers>
{
    // The promise is a second; a loaded machine gets the time to keep it.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    private GatewayStack Stack => servers.Stack;

    [Fact]
    [Trait("Row", "P7")]
    [Trait("Row", "T113")]
    public async Task Each_of_the_four_scopes_ends_exactly_its_own_sessions_on_every_replica()
    {
        await servers.JsonAsync(HttpMethod.Delete, "/admin/v1/sessions?user=u-alice"); // those of other tests
        using var alice = await Stack.SignedInAsync("alice@acme.test"); // acme and globex
        using var aliceToo = await Stack.SignedInAsync("alice@acme.test");
        using var bob = await Stack.SignedInAsync("bob@globex.test"); // globex
        using var carol = await Stack.SignedInAsync("carol@initech.test"); // all three
        using var client = new CookieClient();
        foreach (var browser in new[] { alice, aliceToo, bob, carol })
            Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(servers.Replica.Url, "/me", Stack.SessionOf(browser)));

        var listed = (await servers.JsonAsync(HttpMethod.Get, "/admin/v1/sessions"))["items"]!.AsArray();
        Assert.True(listed.Count >= 4);
        var alices = (await servers.JsonAsync(HttpMethod.Get, "/admin/v1/sessions?user=alice@acme.test"))["items"]!.AsArray();
        Assert.Equal(2, alices.Count);
        Assert.All(alices, s => Assert.Equal(("u-alice", "alice@acme.test"), ((string?)s!["subject"], (string?)s["email"])));
        foreach (var browser in new[] { alice, aliceToo })
            Assert.DoesNotContain(Stack.SessionOf(browser)!, listed.ToJsonString());

        // One session: the other of the same person lives on.
        var one = await servers.JsonAsync(HttpMethod.Delete, "/admin/v1/sessions/" + (string)alices[0]!["id"]!);
        Assert.Equal((1, true), ((int)one["sessions"]!, (bool)one["complete"]!));
        await Wait.UntilAsync(async () => await LivingAsync(client, alice, aliceToo) == 1, Bound, "one of two sessions ends on the replica");

        // A person in one organization: out of it, in the others as before.
        await servers.JsonAsync(HttpMethod.Delete, "/admin/v1/sessions?user=carol@initech.test&org=initech");
        await Wait.UntilAsync(async () => await StatusAsync(client, carol, "/orgs/initech/x") == HttpStatusCode.Forbidden, Bound, "the membership ends on the replica");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, carol, "/orgs/acme/x"));

        // A person: everywhere.
        await servers.JsonAsync(HttpMethod.Delete, "/admin/v1/sessions?user=u-alice");
        await Wait.UntilAsync(async () => await LivingAsync(client, alice, aliceToo) == 0, Bound, "all of a person's sessions end on the replica");
        Assert.Equal(2, await LivingAsync(client, bob, carol));

        // An organization: everybody in it, and nobody else.
        using var dave = await Stack.SignedInAsync("dave@nowhere.test");
        await servers.JsonAsync(HttpMethod.Delete, "/admin/v1/sessions?org=globex");
        await Wait.UntilAsync(async () => await LivingAsync(client, bob, carol) == 0, Bound, "the sessions of an organization end on the replica");
        Assert.Equal(1, await LivingAsync(client, dave));
        Assert.Empty((await servers.JsonAsync(HttpMethod.Get, "/admin/v1/sessions?org=globex"))["items"]!.AsArray());

        using var stranger = await servers.SendAsync(HttpMethod.Delete, "/admin/v1/sessions?user=u-dave", token: null);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        Assert.Equal(1, await LivingAsync(client, dave));
    }

    [Fact]
    public async Task Bad_revocations_are_refused_by_name_and_end_nothing()
    {
        using var dave = await Stack.SignedInAsync("dave@nowhere.test");
        foreach (var (path, status, code) in new[]
        {
            ("/admin/v1/sessions", HttpStatusCode.BadRequest, "invalid_parameter"),
            ("/admin/v1/sessions?user=&org=acme", HttpStatusCode.BadRequest, "invalid_parameter"),
            ("/admin/v1/sessions?user=u-dave&org=", HttpStatusCode.BadRequest, "invalid_parameter"),
            ("/admin/v1/sessions?usr=u-alice&org=acme", HttpStatusCode.BadRequest, "invalid_parameter"),
            ("/admin/v1/sessions?user=u-dave&user=u-alice", HttpStatusCode.BadRequest, "invalid_parameter"),
            ("/admin/v1/users/u-dave?org=", HttpStatusCode.BadRequest, "invalid_parameter"),
            ("/admin/v1/sessions/not-an-id", HttpStatusCode.BadRequest, "invalid_parameter"),
            ("/admin/v1/sessions?user=nobody@acme.test", HttpStatusCode.NotFound, "not_found"),
            ("/admin/v1/sessions?user=u-dave&issuer=https://other.invalid", HttpStatusCode.NotFound, "not_found"),
            ("/admin/v1/sessions?user=u-dave&organization=acme", HttpStatusCode.BadRequest, "invalid_parameter"),
            ("/admin/v1/sessions?user=u-dave&org=", HttpStatusCode.BadRequest, "invalid_parameter"),
            ("/admin/v1/sessions?user=u-dave&org=acme&org=globex", HttpStatusCode.BadRequest, "invalid_parameter"),
            ("/admin/v1/users/u-dave?org=", HttpStatusCode.BadRequest, "invalid_parameter"),
        })
            Assert.Equal((path, code), (path, (string?)(await servers.JsonAsync(HttpMethod.Delete, path, status))["code"]));
        using var client = new CookieClient();
        Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(Stack.Url, "/me", Stack.SessionOf(dave)));
    }

    [Fact]
    [Trait("Row", "T113")]
    public async Task No_listing_holds_a_token_or_a_secret_and_none_is_cached()
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        using (var report = await alice.SendAsync(new(HttpMethod.Get, "/orgs/acme/reports/1"), CancellationToken.None))
            Assert.Equal(HttpStatusCode.OK, report.StatusCode);
        foreach (var path in new[] { "/admin/v1/sessions", "/admin/v1/users", "/admin/v1/organizations", "/admin/v1/routes", "/admin/v1/refusals", "/admin/v1/sockets", "/admin/v1/org-tokens", "/console/org-tokens", "/console/sockets", "/admin/v1/explain?path=/me&user=u-alice", "/metrics", "/health/ready", "/", "/console/", "/console/sessions", "/console/api-keys", "/admin/v1/api-keys", "/console/routes" })
        {
            using var answer = await servers.SendAsync(HttpMethod.Get, path);
            var body = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode} {body}");
            Assert.True(answer.Headers.CacheControl!.NoStore, path);
            Assert.False(CompactToken.IsIn(body), $"{path} holds a token");
            foreach (var secret in new[] { Stack.SessionOf(alice)!, "gateway-demo-secret", "acme-demo-secret", DemoConfiguration.Secret, AdminServers.Token })
                Assert.False(body.Contains(secret, StringComparison.Ordinal), $"{path} holds {secret}");
        }
    }

    private async Task<int> LivingAsync(CookieClient client, params DemoBrowser[] browsers)
    {
        var living = 0;
        foreach (var browser in browsers)
            if (await StatusAsync(client, browser, "/me") == HttpStatusCode.OK)
                living++;
        return living;
    }

    private Task<HttpStatusCode> StatusAsync(CookieClient client, DemoBrowser browser, string path) => client.StatusAsync(servers.Replica.Url, path, Stack.SessionOf(browser));
}
