using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.SignIn;

namespace OrgGateway.Tests.Tokens;

/// <summary>A grant for one more organization: asked for without a prompt, and with the person where the provider wants them.</summary>
public sealed class SilentGrantChainTests(SilentGrantServers servers) : IClassFixture<SilentGrantServers>
{
    private const string ToAcme = "/auth/login?org=acme&next=/orgs/acme/page";
    private const string VisiblyToAcme = "/auth/login?org=acme&visible=1&next=%2Forgs%2Facme%2Fpage";

    private GatewayStack Stack => servers.Stack;

    [Fact]
    [Trait("Row", "R4")]
    public async Task The_provider_is_asked_to_show_nothing_and_the_session_stays()
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        var session = Stack.SessionOf(alice);
        var page = await alice.GetAsync("/orgs/acme/page", CancellationToken.None);
        Assert.Equal((200, "/orgs/acme/page", session), (page.Status, page.Url.AbsolutePath, Stack.SessionOf(alice)));
        var (authorize, further) = Asked(page);
        Assert.Equal(("none", "org_acme", 0), (PendingLogin.Of(authorize, "prompt"), PendingLogin.Of(authorize, "organization"), further.Count));
    }

    [Fact]
    [Trait("Row", "R4")]
    [Trait("Row", "P17")]
    public async Task Where_the_provider_wants_the_person_the_same_login_begins_again_and_they_see_it()
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        var session = Stack.SessionOf(alice);
        alice.Cookies.Clear(servers.Provider);
        var end = await alice.SignInAsync("/orgs/acme/page?x=1%202", "alice@acme.test", CancellationToken.None);
        Assert.Equal((200, "/orgs/acme/page?x=1%202", session), (end.Status, end.Url.PathAndQuery, Stack.SessionOf(alice)));
        var (silent, visible) = Asked(end);
        Assert.Equal("none", PendingLogin.Of(silent, "prompt"));
        Assert.Equal(("", "org_acme"), (PendingLogin.Of(Assert.Single(visible), "prompt"), PendingLogin.Of(visible[0], "organization")));
        Assert.NotEqual(PendingLogin.Of(silent, "state"), PendingLogin.Of(visible[0], "state"));
        Assert.DoesNotContain(end.Hops, hop => hop.Url.AbsolutePath == "/auth/error");
    }

    [Fact]
    public async Task Whoever_signs_in_visibly_as_somebody_else_is_somebody_else()
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        var session = Stack.SessionOf(browser);
        browser.Cookies.Clear(servers.Provider);
        var end = await browser.SignInAsync("/orgs/globex/page", "bob@globex.test", CancellationToken.None);
        Assert.Equal((200, "/orgs/globex/page"), (end.Status, end.Url.AbsolutePath));
        Assert.NotEqual(session, Stack.SessionOf(browser));
        Assert.Equal("bob@globex.test", Stack.Upstream.LastRequest.Header("X-Auth-User-Email"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_is_somebody_else_at_the_provider_by_now_does_not_become_so_here_unasked(bool signsInAgain)
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        using var other = await Stack.SignedInAsync("bob@globex.test");
        var session = Stack.SessionOf(browser);
        foreach (var name in other.Cookies.Names(servers.Provider))
            browser.Cookies.Set(servers.Provider, name, other.Cookies.Value(servers.Provider, name)!);
        var asked = await browser.GetAsync("/orgs/globex/page", CancellationToken.None);
        var (_, visible) = Asked(asked);
        Assert.Equal("login", PendingLogin.Of(Assert.Single(visible), "prompt"));
        Assert.Equal((servers.Provider.Authority, session), (asked.Url.Authority, Stack.SessionOf(browser)));
        Assert.Equal(200, (await browser.GetAsync("/me", CancellationToken.None)).Status);
        if (!signsInAgain)
            return;
        var form = BrowserForm.In(asked).Single(form => form.Fields.ContainsKey("password"));
        var end = await browser.SubmitAsync(asked, form, new Dictionary<string, string> { ["email"] = "alice@acme.test", ["password"] = "demo" }, CancellationToken.None);
        Assert.Equal((200, "/orgs/globex/page", session), (end.Status, end.Url.AbsolutePath, Stack.SessionOf(browser)));
        Assert.Equal("alice@acme.test", Stack.Upstream.LastRequest.Header("X-Auth-User-Email"));
    }

    [Theory]
    [InlineData("/auth/login?org=acme&next=/", true)]
    [InlineData("/auth/login?org=org_acme", true)]
    [InlineData("/auth/login?next=/", false)]
    [InlineData("/auth/login?org=initech", false)] // no member
    [InlineData("/auth/login?org=nobody", false)]
    [InlineData("/auth/login?org=acme&visible=1", false)]
    [InlineData("/auth/login?org=acme&visible=0", false)]
    [InlineData("/auth/login?org=acme&visible=", false)]
    [InlineData("/auth/login?org=acme&visible=&visible=", false)]
    [InlineData("/auth/login?org=acme&email=alice@acme.test", false)]
    [InlineData("/auth/login?org=acme&login_hint=alice", false)]
    [InlineData("/auth/login?org=acme&prompt=login", false)]
    [InlineData("/auth/login?org=acme&connection=github", false)]
    [InlineData("/auth/login?org=acme&invitation=inv", false)]
    [InlineData("/auth/login?org=acme&ui_locales=de", false)]
    [InlineData("/auth/login?org=acme&max_age=60", false)]
    [InlineData("/auth/login?org=acme&acr_values=strong", false)]
    public async Task Only_a_login_for_an_organization_alone_is_silent_and_only_beside_a_session(string login, bool isSilent)
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        Assert.Equal(isSilent, await IsSilentAsync(alice));
        alice.Cookies.Clear(Stack.Url);
        Assert.False(await IsSilentAsync(alice));
        alice.Cookies.Set(Stack.Url, "orggw", new string('A', 43));
        Assert.False(await IsSilentAsync(alice));

        async Task<bool> IsSilentAsync(DemoBrowser browser)
        {
            var begun = await browser.GetOneAsync(login, CancellationToken.None);
            Assert.Equal((302, servers.Provider.Authority), (begun.Status, begun.Hops[0].Location!.Authority));
            return PendingLogin.Of(begun.Hops[0].Location!, "prompt") == "none";
        }
    }

    [Fact]
    [Trait("Row", "T44")]
    public async Task An_answer_counts_in_the_browser_that_asked_and_nowhere_else()
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        using var bob = await Stack.SignedInAsync("bob@globex.test");
        using var nobody = Stack.BrowserFor();
        var session = Stack.SessionOf(bob);
        foreach (var (change, browser) in new[] { ("code", bob), ("error", bob), ("code", nobody), ("error", nobody) })
        {
            var pending = await PendingLogin.BeginAsync(alice, ToAcme);
            var callback = change == "code" ? pending.Callback.PathAndQuery : pending.CallbackWith(("code", null), ("error", "login_required"));
            var answer = await browser.GetOneAsync(callback, CancellationToken.None);
            var location = answer.Hops[0].Location!;
            // Who is signed in goes on as they are (T58); nobody gets in, and no login begins.
            Assert.Equal(browser == bob ? "/" : "/auth/error", location.AbsolutePath);
        }
        Assert.Equal((session, null), (Stack.SessionOf(bob), Stack.SessionOf(nobody)));
        using var client = new CookieClient();
        Assert.Equal(HttpStatusCode.Unauthorized, await client.StatusAsync(Stack.Url, "/orgs/acme/api", Stack.SessionOf(alice)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_that_ended_meanwhile_is_not_put_back_by_an_answer_that_nobody_saw(bool refused)
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        var pending = await PendingLogin.BeginAsync(alice, ToAcme);
        await alice.GetOneAsync("/auth/logout", CancellationToken.None);
        Assert.Null(Stack.SessionOf(alice));
        var answer = await pending.ReturnAsync(refused ? pending.CallbackWith(("code", null), ("error", "login_required")) : pending.Callback.PathAndQuery);
        Assert.Equal((302, VisiblyToAcme), (answer.Status, answer.Hops[0].Location!.PathAndQuery));
        Assert.Null(Stack.SessionOf(alice));
        var again = await alice.GetOneAsync(VisiblyToAcme, CancellationToken.None);
        Assert.Equal("", PendingLogin.Of(again.Hops[0].Location!, "prompt"));
    }

    [Fact]
    public async Task Two_tabs_ask_for_two_organizations_at_once_and_come_back_in_any_order()
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        var session = Stack.SessionOf(alice);
        var acme = await PendingLogin.BeginAsync(alice, ToAcme);
        var globex = await PendingLogin.BeginAsync(alice, "/auth/login?org=globex&next=/orgs/globex/page");
        alice.Cookies.Clear(servers.Provider);
        var refused = await PendingLogin.BeginAsync(alice, ToAcme);
        Assert.Equal("/orgs/globex/page", (await globex.ReturnAsync()).Hops[0].Location!.PathAndQuery);
        Assert.Equal(VisiblyToAcme, (await refused.ReturnAsync()).Hops[0].Location!.PathAndQuery);
        Assert.Equal("/orgs/acme/page", (await acme.ReturnAsync()).Hops[0].Location!.PathAndQuery);
        foreach (var slug in (string[])["acme", "globex"])
            Assert.Equal($"/orgs/{slug}/page", Assert.Single((await alice.GetAsync($"/orgs/{slug}/page", CancellationToken.None)).Hops).Url.AbsolutePath);
        Assert.Equal(session, Stack.SessionOf(alice));
    }

    [Theory]
    [Trait("Row", "T39")]
    [InlineData("//evil.example")]
    [InlineData("https://evil.example/x")]
    [InlineData("/%5Cevil.example")]
    [InlineData("/x%0d%0aSet-Cookie:%20a=b")]
    public async Task The_way_back_stays_on_this_origin_through_both_logins(string next)
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        alice.Cookies.Clear(servers.Provider);
        var pending = await PendingLogin.BeginAsync(alice, "/auth/login?org=acme&next=" + next);
        Assert.Equal("/auth/login?org=acme&visible=1&next=%2F", (await pending.ReturnAsync()).Hops[0].Location!.PathAndQuery);
        var end = await alice.SignInAsync("/auth/login?org=acme&visible=1&next=" + next, "alice@acme.test", CancellationToken.None);
        Assert.Equal((Stack.Url.Authority, "/"), (end.Url.Authority, end.Url.PathAndQuery));
    }

    [Fact]
    [Trait("Row", "R4")]
    public async Task A_replica_that_sent_somebody_to_the_sign_in_serves_them_when_they_are_back_from_another()
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        using var client = new CookieClient();
        var session = Stack.SessionOf(alice);
        Assert.Equal(HttpStatusCode.Unauthorized, await client.StatusAsync(servers.Replica.Url, "/orgs/acme/api", session));
        Assert.Equal("/orgs/acme/page", (await alice.GetAsync(ToAcme, CancellationToken.None)).Url.AbsolutePath);
        // At once: within the time for which the replica remembers that a sign-in was needed.
        Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(servers.Replica.Url, "/orgs/acme/api", session));
    }

    [Fact]
    [Trait("Row", "R4")]
    public async Task A_provider_of_other_authors_gives_it_silently_and_asks_for_the_person_where_it_has_no_session()
    {
        var node = new NodeProvider();
        await node.InitializeAsync();
        try
        {
            await using var stack = await GatewayStack.StartAsync(new()
            {
                Configure = (_, configuration) =>
                {
                    var main = configuration["Gateway"]!["IdentityProviders"]!["main"]!;
                    (main["Issuer"], main["ClientId"], main["ClientSecret"]) = (node.Issuer, NodeProvider.ClientId, NodeProvider.ClientSecret);
                    main["Mint"] = new JsonObject { ["Strategy"] = "silentAuthorize", ["AssertOrgEquals"] = false }; // it knows nothing of organizations
                    main["PushedAuthorization"] = "Off"; // what is asked for stands in the URL
                    (configuration["Urls"], configuration["Gateway"]!["PublicOrigin"]) = (node.Origin, node.Origin);
                },
            });
            using var alice = new DemoBrowser(node.Origins[0]);
            await alice.SignInAsync("/auth/login?next=/me", "alice@acme.test", NodeProvider.Password, CancellationToken.None);
            var session = alice.Cookies.Value(node.Origins[0], "orggw");
            var page = await alice.GetAsync("/orgs/acme/page", CancellationToken.None);
            Assert.Equal((200, "/orgs/acme/page"), (page.Status, page.Url.AbsolutePath));
            Assert.Contains(page.Hops, hop => hop.Location is { } to && PendingLogin.Of(to, "prompt") == "none");

            alice.Cookies.Clear(new Uri(node.Issuer));
            var end = await alice.SignInAsync("/orgs/globex/page", "alice@acme.test", NodeProvider.Password, CancellationToken.None);
            Assert.Equal((200, "/orgs/globex/page"), (end.Status, end.Url.AbsolutePath));
            Assert.Contains(end.Hops, hop => hop.Url.Query.Contains("error=login_required", StringComparison.Ordinal));
            Assert.Equal((session, 2), (alice.Cookies.Value(node.Origins[0], "orggw"), (int?)(await node.StatsAsync())["signIns"]));
        }
        finally
        {
            await node.DisposeAsync();
        }
    }

    /// <returns>The authorization requests of a visit: the first, and those after it.</returns>
    private static (Uri First, IReadOnlyList<Uri> Further) Asked(BrowserVisit visit)
    {
        var asked = visit.Hops.Select(hop => hop.Location).OfType<Uri>().Where(to => PendingLogin.Of(to, "code_challenge").Length > 0).ToList();
        return (asked[0], asked[1..]);
    }
}
