using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>What the gateway tells a browser about itself.</summary>
public sealed class WhoAmIChainTests(DemoServers demo) : IClassFixture<DemoServers>
{
    private GatewayStack Stack => demo.Stack;

    [Fact]
    [Trait("Row", "S23")]
    public async Task The_session_endpoint_answers_200_signed_in_or_not()
    {
        using var stranger = Stack.BrowserFor();
        var nobody = await JsonAsync(stranger, "/auth/session");
        Assert.Equal("""{"authenticated":false}""", nobody.ToJsonString());

        using var alice = await Stack.SignedInAsync("alice@acme.test");
        var session = await JsonAsync(alice, "/auth/session");
        Assert.True((bool)session["authenticated"]!);
        Assert.Equal(("u-alice", "alice@acme.test", "Alice Adams"), ((string?)session["user"]!["id"], (string?)session["user"]!["email"], (string?)session["user"]!["name"]));
        Assert.Equal(["acme", "globex"], session["organizations"]!.AsArray().Select(o => (string?)o!["slug"]).Order());
    }

    [Fact]
    [Trait("Row", "S10")]
    public async Task No_endpoint_shows_a_token()
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        foreach (var path in new[] { "session", "orgs", "select-org", "select-org?next=/orgs/acme/", "error", "signed-out", "login", "callback", "callback?state=x&code=y" })
        {
            var answer = await alice.GetOneAsync("/auth/" + path, CancellationToken.None);
            var everything = answer.Response + string.Join('\n', answer.Hops[0].SetCookies) + answer.Hops[0].Location + answer.Body;
            Assert.DoesNotMatch(CompactToken.Pattern, everything);
        }
        Assert.True((bool)(await JsonAsync(alice, "/auth/session"))["authenticated"]!);
    }

    [Fact]
    [Trait("Row", "G2")]
    public async Task Three_memberships_are_all_there_each_with_its_role()
    {
        using var carol = await Stack.SignedInAsync("carol@initech.test");
        var organizations = (await JsonAsync(carol, "/auth/orgs"))["organizations"]!.AsArray();
        Assert.Equal(
            ["org_acme acme [\"member\"]", "org_globex globex [\"member\"]", "org_initech initech [\"member\"]"],
            organizations.Select(o => $"{o!["id"]} {o["slug"]} {o["roles"]!.ToJsonString()}").Order());
        Assert.All(organizations, o => Assert.Equal("""["document:write"]""", o!["permissions"]!.ToJsonString()));
    }

    [Fact]
    [Trait("Row", "G10")]
    public async Task Only_who_has_several_organizations_is_asked_to_choose()
    {
        using var bob = await Stack.SignedInAsync("bob@globex.test");
        var through = await bob.GetAsync("/auth/select-org?next=/orgs/{org}/docs", CancellationToken.None);
        Assert.Equal((200, "/orgs/globex/docs"), (through.Status, through.Url.AbsolutePath));
        Assert.Equal("globex", Stack.Upstream.Requests.Last(r => r.RawTarget == "/orgs/globex/docs").Header("X-Auth-Org-Slug"));

        using var carol = await Stack.SignedInAsync("carol@initech.test");
        var chooser = await carol.GetAsync("/auth/select-org?next=/orgs/{org}/docs", CancellationToken.None);
        Assert.Equal((200, "/auth/select-org"), (chooser.Status, chooser.Url.AbsolutePath));
        var links = Links.All(chooser).Select(link => link.Href).Where(href => href.StartsWith("/orgs/", StringComparison.Ordinal)).Order().ToList();
        Assert.Equal(["/orgs/acme/docs", "/orgs/globex/docs", "/orgs/initech/docs"], links);
        foreach (var link in links)
            Assert.Equal(200, (await carol.GetAsync(link, CancellationToken.None)).Status);
    }

    [Fact]
    [Trait("Row", "G10")]
    public async Task A_place_in_an_organization_of_the_callers_is_kept_through_the_choice()
    {
        using var bob = await Stack.SignedInAsync("bob@globex.test");
        foreach (var next in new[] { "/orgs/globex/docs?tab=2", "/orgs/org_globex/docs" })
            Assert.Equal(next, (await bob.GetOneAsync("/auth/select-org?next=" + Uri.EscapeDataString(next), CancellationToken.None)).Hops[0].Location!.PathAndQuery);
        Assert.Equal("/orgs/globex/", (await bob.GetOneAsync("/auth/select-org?next=/orgs/acme/docs?globex", CancellationToken.None)).Hops[0].Location!.PathAndQuery);

        using var carol = await Stack.SignedInAsync("carol@initech.test");
        var links = Links.All(await carol.GetAsync("/auth/select-org?next=/orgs/acme/docs", CancellationToken.None)).Select(link => link.Href);
        Assert.Equal(["/orgs/acme/docs", "/orgs/globex/", "/orgs/initech/"], links.Where(href => href.StartsWith("/orgs/", StringComparison.Ordinal)).Order());
    }

    [Fact]
    [Trait("Row", "G9")]
    public async Task A_program_that_asks_for_JSON_at_the_choice_gets_it()
    {
        foreach (var (user, status) in new[] { ((string?)null, 401), ("bob@globex.test", 200), ("dave@nowhere.test", 200) })
        {
            using var browser = user is null ? Stack.BrowserFor() : await Stack.SignedInAsync(user);
            using var request = new HttpRequestMessage(HttpMethod.Get, "/auth/select-org?next=/x");
            request.Headers.Add("Accept", "application/json");
            using var answer = await browser.SendAsync(request, CancellationToken.None);
            Assert.Equal((status, status == 200 ? "application/json" : "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        }
    }

    [Fact]
    [Trait("Row", "T53")]
    public async Task A_cookie_with_any_character_altered_is_nobodys()
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        var cookie = Stack.SessionOf(alice)!;
        using var client = new CookieClient();
        for (var at = 0; at < cookie.Length; at++)
        {
            foreach (var other in new[] { cookie[at] == 'A' ? 'B' : 'A', cookie[at] == '_' ? '-' : '_', '%', ' ' })
            {
                var altered = cookie[..at] + other + cookie[(at + 1)..];
                using var answer = await client.GetAsync(Stack.Url, "/auth/session", altered);
                Assert.Equal((HttpStatusCode.OK, """{"authenticated":false}"""), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
            }
            Assert.Equal(HttpStatusCode.Unauthorized, await client.StatusAsync(Stack.Url, "/me", cookie[..at] + "~" + cookie[(at + 1)..]));
        }
        Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(Stack.Url, "/me", cookie));
    }

    private static async Task<JsonNode> JsonAsync(DemoBrowser browser, string path)
    {
        using var answer = await browser.SendAsync(new(HttpMethod.Get, path), CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }
}
