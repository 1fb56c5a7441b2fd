using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.SignIn;

namespace OrgGateway.Tests.Conformance;

/// <summary>One browser, organizations of different providers: nobody's word counts for another's, and none is in another's way.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class SeveralProvidersTests(ConformanceServers servers)
{
    private const string Further = "orggw-at-aliases";

    private HostileProvider Main => servers.Provider(ConformanceModules.Basic);

    private HostileProvider Other => servers.Provider("aliases");

    [Fact, Trait("Row", "T130"), Trait("Row", "O73"), Trait("Row", "R4")]
    public async Task An_organization_of_another_provider_leads_there_and_back_and_leaves_the_others_alone()
    {
        using var run = await SignedInAsync();
        var session = run.Browser.Cookies.Value(servers.Url, "orggw");
        var logins = Main.Front.Authorize.Hits;
        Other.ChangeClaims = claims => claims["sub"] = "alice-elsewhere";

        var there = await run.Browser.GetAsync("/orgs/aliases/page?x=1", CancellationToken.None);
        Assert.Equal((200, "/orgs/aliases/page?x=1"), (there.Status, there.Url.PathAndQuery));
        var arrived = servers.Upstream.LastRequest;
        Assert.Equal(("alice-elsewhere", Other.Issuer, "aliases"), (arrived.Header("X-Auth-User-Id"), arrived.Header("X-Auth-Issuer"), arrived.Header("X-Auth-Org-Slug")));
        Assert.DoesNotContain("orggw", arrived.Header("Cookie") ?? "");

        Assert.Equal(session, run.Browser.Cookies.Value(servers.Url, "orggw"));
        Assert.Equal(200, (await run.Browser.GetOneAsync("/orgs/basic/page", CancellationToken.None)).Status);
        Assert.Equal((HostileProvider.Subject, Main.Issuer), (servers.Upstream.LastRequest.Header("X-Auth-User-Id"), servers.Upstream.LastRequest.Header("X-Auth-Issuer")));
        Assert.Equal(200, (await run.Browser.GetOneAsync("/orgs/aliases/page", CancellationToken.None)).Status);
        Assert.Equal(logins, Main.Front.Authorize.Hits);
        var organizations = JsonNode.Parse((await run.Browser.GetAsync("/auth/orgs", CancellationToken.None)).Body)!["organizations"]!.AsArray();
        var slugs = organizations.Select(organization => (string)organization!["slug"]!).ToList();
        Assert.Contains("basic", slugs);
        Assert.Contains("aliases", slugs);
    }

    [Fact, Trait("Row", "R4")]
    public async Task A_program_is_told_where_to_sign_in_for_that_organization()
    {
        using var run = await SignedInAsync();
        using var answer = await run.Browser.SendAsync(new(HttpMethod.Get, "/orgs/aliases/api/x"), CancellationToken.None);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal((HttpStatusCode.Unauthorized, "org_reauth_required", "/auth/login?org=aliases"), (answer.StatusCode, (string?)problem["code"], (string?)problem["login_url"]));
        Assert.NotNull(run.Browser.Cookies.Value(servers.Url, "orggw"));
        // Which organizations exist besides is nobody's business.
        using var unknown = await run.Browser.SendAsync(new(HttpMethod.Get, "/orgs/no-such-org/api/x"), CancellationToken.None);
        Assert.Equal(HttpStatusCode.Forbidden, unknown.StatusCode);
    }

    [Fact, Trait("Row", "O73"), Trait("Row", "T49")]
    public async Task A_sign_in_at_a_further_provider_counts_under_its_own_session_alone()
    {
        using var victim = await SignedInAsync();
        await victim.Browser.GetAsync("/orgs/aliases/page", CancellationToken.None);
        var (session, further) = (victim.Browser.Cookies.Value(servers.Url, "orggw")!, victim.Browser.Cookies.Value(servers.Url, Further)!);

        // Who knows the session's cookie alone, because it was planted, has nothing of the other provider.
        using var planter = new DemoBrowser(servers.Url);
        planter.Cookies.Set(servers.Url, "orggw", session);
        Assert.Equal("/auth/login?org=aliases&next=%2Forgs%2Faliases%2Fpage", await LocationAsync(planter));
        // And the further one is worth nothing under another session, or alone.
        using var other = await SignedInAsync();
        other.Browser.Cookies.Set(servers.Url, Further, further);
        Assert.Equal("/auth/login?org=aliases&next=%2Forgs%2Faliases%2Fpage", await LocationAsync(other.Browser));
        planter.Cookies.Clear(servers.Url);
        planter.Cookies.Set(servers.Url, Further, further);
        Assert.Equal("/auth/login?next=%2Forgs%2Faliases%2Fpage", await LocationAsync(planter));
        planter.Cookies.Set(servers.Url, "orggw", further);
        Assert.Equal("/auth/login", (await planter.GetOneAsync("/plain", CancellationToken.None)).Hops[0].Location?.AbsolutePath);
    }

    [Fact, Trait("Row", "T46")]
    public async Task A_sign_out_ends_the_sign_ins_at_further_providers_too()
    {
        using var run = await SignedInAsync();
        await run.Browser.GetAsync("/orgs/aliases/page", CancellationToken.None);
        var (session, further) = (run.Browser.Cookies.Value(servers.Url, "orggw")!, run.Browser.Cookies.Value(servers.Url, Further)!);
        await run.Browser.GetOneAsync("/auth/logout", CancellationToken.None);
        Assert.Empty(run.Browser.Cookies.Names(servers.Url));
        run.Browser.Cookies.Set(servers.Url, "orggw", session);
        run.Browser.Cookies.Set(servers.Url, Further, further);
        Assert.Equal("/auth/login?next=%2Forgs%2Faliases%2Fpage", await LocationAsync(run.Browser));
    }

    [Fact, Trait("Row", "T76")]
    public async Task Mixed_up_answers_are_refused_before_any_token_request()
    {
        Main.Behave();
        Other.Behave();
        Main.Front.ChangeResponse = answer => answer["iss"] = Other.Issuer;
        var others = Other.Token.Hits;
        using (var run = (await ConformanceRun.OfAsync(servers, Main, ConformanceModules.Basic)).Refused())
            Assert.Equal((0, others), (run.TokenRequests, Other.Token.Hits));

        // The other provider's whole answer, at the callback of the login that was begun here, and at the other's.
        foreach (var callback in new[] { "basic", "aliases" })
        {
            using var browser = new DemoBrowser(servers.Url);
            var begun = (await browser.GetOneAsync("/auth/login?org=basic", CancellationToken.None)).Hops[0].Location!;
            var (mine, its) = (Main.Token.Hits, Other.Token.Hits);
            var end = await browser.GetAsync(
                $"/auth/callback/{callback}?code=code-1&state={PendingLogin.Of(begun, "state")}&iss={Uri.EscapeDataString(Other.Issuer)}", CancellationToken.None);
            Assert.Equal((400, "/auth/error", mine, its), (end.Status, end.Url.AbsolutePath, Main.Token.Hits, Other.Token.Hits));
        }
    }

    [Fact, Trait("Row", "T77")]
    public async Task A_key_of_one_issuer_signs_nothing_of_another_though_their_ids_are_the_same()
    {
        Assert.Equal(Main.SigningKey.Kid, Other.SigningKey.Kid);
        Main.Behave();
        Other.Behave();
        using (var first = (await ConformanceRun.OfAsync(servers, Other, "aliases")).SignedIn())
            Assert.Equal(1, first.TokenRequests);
        Main.IdTokenKey = Other.SigningKey;
        using (var forged = await ConformanceRun.OfAsync(servers, Main, ConformanceModules.Basic))
            forged.Refused();
        Other.ChangeClaims = claims => claims["iss"] = Main.Issuer;
        using var foreign = (await ConformanceRun.OfAsync(servers, Other, "aliases")).Refused();
    }

    private static async Task<string> LocationAsync(DemoBrowser browser) =>
        (await browser.GetOneAsync("/orgs/aliases/page", CancellationToken.None)).Hops[0].Location!.PathAndQuery;

    private async Task<ConformanceRun> SignedInAsync()
    {
        Main.Behave();
        Other.Behave();
        return (await ConformanceRun.OfAsync(servers, Main, ConformanceModules.Basic)).SignedIn();
    }
}
