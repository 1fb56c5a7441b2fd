using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>Where a browser may be sent after a login: this origin, whatever is asked for.</summary>
public sealed class ReturnTargetChainTests(DemoServers demo) : IClassFixture<DemoServers>
{
    private GatewayStack Stack => demo.Stack;

    [Theory]
    [MemberData(nameof(RedirectPayloads.All), MemberType = typeof(RedirectPayloads))]
    [Trait("Row", "S21")]
    [Trait("Row", "T39")]
    public async Task A_foreign_return_target_becomes_the_start_page(string payload)
    {
        using var browser = await Stack.SignedInAsync("bob@globex.test");
        foreach (var next in RedirectPayloads.Sendable(payload))
        {
            var login = await PendingLogin.BeginAsync(browser, "/auth/login?next=" + next);
            Assert.Equal("/", LocationOf(await login.ReturnAsync()));

            var chosen = await browser.GetOneAsync("/auth/select-org?next=" + next, CancellationToken.None);
            Assert.Equal("/orgs/globex/", LocationOf(chosen));

            var error = await browser.GetOneAsync("/auth/error?error=access_denied&next=" + next, CancellationToken.None);
            Assert.Equal("/auth/login?next=%2F", Links.Of(error, "Try again"));

            var kept = await PendingLogin.BeginAsync(browser, "/auth/login?next=/me");
            Assert.Equal("/me", LocationOf(await kept.ReturnAsync($"{kept.Callback.PathAndQuery}&next={next}")));
        }
    }

    [Theory]
    [MemberData(nameof(RedirectPayloads.All), MemberType = typeof(RedirectPayloads))]
    [Trait("Row", "T41")]
    [Trait("Row", "S7")]
    public async Task After_a_logout_the_provider_sends_people_back_to_the_registered_page_and_nowhere_else(string payload)
    {
        using var browser = await Stack.SignedInAsync("bob@globex.test");
        foreach (var target in RedirectPayloads.Sendable(payload).Append(Uri.EscapeDataString(Stack.Origin + "/elsewhere")))
        {
            var answer = await browser.GetOneAsync($"/auth/logout?returnTo={target}&next={target}&post_logout_redirect_uri={target}&redirect_uri={target}", CancellationToken.None);
            Assert.Equal(302, answer.Status);
            var location = answer.Hops[0].Location!;
            if (location.AbsolutePath == "/end-session")
                Assert.Equal(Stack.Origin + "/auth/signed-out", PendingLogin.Of(location, "post_logout_redirect_uri"));
            else
                Assert.Equal(Stack.Origin + "/auth/signed-out", location.AbsoluteUri);
        }
    }

    [Theory]
    [InlineData("{0}/me", true)]
    [InlineData("{0}", false)]
    [InlineData("{0}.evil/me", false)]
    [InlineData("{0}@evil/me", false)]
    [InlineData("{0}0/me", false)]
    [InlineData("{0}:80/me", false)]
    [InlineData("http://evil{1}/me", false)]
    [InlineData("http://evil.{1}/me", false)]
    [InlineData("https://{1}/me", false)]
    [InlineData("HTTP://{1}/me", false)]
    [InlineData("//{1}/me", false)]
    [InlineData("http://user@{1}/me", false)]
    [InlineData("http://{1}\\@evil/me", false)]
    [Trait("Row", "T40")]
    public async Task Of_absolute_targets_only_those_of_this_very_origin_count(string template, bool counts)
    {
        using var browser = await Stack.SignedInAsync("bob@globex.test");
        var target = string.Format(System.Globalization.CultureInfo.InvariantCulture, template, Stack.Origin, new Uri(Stack.Origin).Authority);
        var login = await PendingLogin.BeginAsync(browser, "/auth/login?target_link_uri=" + Uri.EscapeDataString(target));
        Assert.Equal(counts ? "/me" : "/", LocationOf(await login.ReturnAsync()));
    }

    [Fact]
    [Trait("Row", "T43")]
    public async Task No_redirect_of_a_whole_visit_carries_a_secret_but_for_the_hint_to_the_end_of_the_session()
    {
        using var browser = Stack.BrowserFor();
        var hops = new List<BrowserHop>();
        hops.AddRange((await browser.SignInAsync("/orgs/acme/docs", "alice@acme.test", CancellationToken.None)).Hops);
        var session = Stack.SessionOf(browser)!;
        hops.AddRange((await browser.GetAsync("/auth/login?org=globex&next=/orgs/globex/docs", CancellationToken.None)).Hops);
        hops.AddRange((await browser.GetAsync("/auth/select-org", CancellationToken.None)).Hops);
        hops.AddRange((await browser.GetAsync("/auth/callback?code=a&state=b", CancellationToken.None)).Hops);
        hops.AddRange((await browser.GetAsync("/auth/logout", CancellationToken.None)).Hops);
        var upstream = Stack.Upstream.Requests.Select(request => request.Header("Authorization")).OfType<string>().Select(value => value["Bearer ".Length..]).ToHashSet(StringComparer.Ordinal);
        var locations = hops.Select(hop => hop.Location).OfType<Uri>().ToList();
        Assert.True(locations.Count >= 8);
        foreach (var location in locations)
        {
            var text = location.AbsoluteUri;
            Assert.DoesNotContain(upstream, token => text.Contains(token, StringComparison.Ordinal));
            Assert.DoesNotContain(session, text, StringComparison.Ordinal);
            Assert.DoesNotContain("code_verifier", text, StringComparison.Ordinal);
            if (location.AbsolutePath != "/end-session")
                Assert.DoesNotMatch(CompactToken.Pattern, text);
            else
                Assert.DoesNotMatch(CompactToken.Pattern, System.Text.RegularExpressions.Regex.Replace(text, "id_token_hint=[^&]*", ""));
        }
    }

    private static string LocationOf(BrowserVisit answer)
    {
        Assert.Equal(302, answer.Status);
        return answer.Response.Headers.Location!.OriginalString;
    }
}
