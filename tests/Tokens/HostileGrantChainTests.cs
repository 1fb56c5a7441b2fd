using System.Text.Json.Nodes;
using System.Web;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.SignIn;

namespace OrgGateway.Tests.Tokens;

/// <summary>Providers that refuse for ever, answer for somebody else, or know no silent login: nobody goes in circles, and no session changes unseen.</summary>
public sealed class HostileGrantChainTests : IClassFixture<HostileGrantServers>
{
    private readonly HostileGrantServers _servers;

    public HostileGrantChainTests(HostileGrantServers servers)
    {
        _servers = servers;
        servers.Behave();
    }

    private HostileProvider Provider => _servers.Main;

    [Theory]
    [Trait("Row", "T45")]
    [InlineData("login_required", 2)]
    [InlineData("interaction_required", 2)]
    [InlineData("consent_required", 2)]
    [InlineData("account_selection_required", 2)]
    [InlineData("invalid_request", 2)]
    [InlineData("mfa_required", 2)] // configured
    [InlineData("access_denied", 1)]
    [InlineData("server_error", 1)]
    [InlineData("temporarily_unavailable", 1)]
    [InlineData("invalid_scope", 1)]
    [InlineData("LOGIN_REQUIRED", 1)]
    [InlineData("login_required%0d%0aX: y", 1)]
    public async Task A_provider_that_refuses_for_ever_is_asked_twice_at_most(string error, int asked)
    {
        using var browser = await _servers.SignedInAsync();
        var session = _servers.SessionOf(browser);
        Provider.Front.ChangeResponse = answer => (answer["code"], answer["error"]) = (null, error);
        var before = Provider.Front.Authorize.Hits;
        var end = await browser.GetAsync("/orgs/acme/page", CancellationToken.None);
        Assert.Equal(("/auth/error", asked), (end.Url.AbsolutePath, Provider.Front.Authorize.Hits - before));
        Assert.Equal(asked == 2 ? ["none", null] : ["none"], Prompts(asked));
        // The session and what else it can do go on.
        Assert.Equal(session, _servers.SessionOf(browser));
        Assert.Equal(200, (await browser.GetAsync("/me", CancellationToken.None)).Status);
        Provider.Front.ChangeResponse = null;
        Assert.Equal("/orgs/globex/page", (await browser.GetAsync("/orgs/globex/page", CancellationToken.None)).Url.AbsolutePath);
    }

    [Fact]
    [Trait("Row", "O27")]
    public async Task An_error_in_another_issuers_name_begins_nothing()
    {
        using var browser = await _servers.SignedInAsync();
        foreach (var issuer in new[] { "https://evil.example", null })
        {
            Provider.Front.ChangeResponse = answer => (answer["code"], answer["error"], answer["iss"]) = (null, "login_required", issuer);
            var end = await browser.GetAsync("/orgs/acme/page", CancellationToken.None);
            Assert.Equal(("/auth/error", "auth_failed"), (end.Url.AbsolutePath, PendingLogin.Of(end.Url, "error")));
            Assert.Equal(["none"], Prompts(1));
        }
    }

    [Fact]
    public async Task An_answer_for_somebody_else_asks_who_is_there_and_the_session_stays()
    {
        using var browser = await _servers.SignedInAsync();
        var session = _servers.SessionOf(browser);
        Provider.ChangeClaims = claims =>
        {
            claims["sub"] = "mallory";
            HostileGrantServers.Grant(Provider, claims, ["acme"]);
        };
        var pending = await PendingLogin.BeginAsync(browser, "/auth/login?org=acme&next=/orgs/acme/page");
        var answer = await pending.ReturnAsync();
        Assert.Equal("/auth/login?org=acme&visible=1&prompt=login&next=%2Forgs%2Facme%2Fpage", answer.Hops[0].Location!.PathAndQuery);
        Assert.DoesNotContain(answer.Hops[0].SetCookies, line => line.StartsWith("orggw=", StringComparison.Ordinal));
        Assert.Equal(200, (await browser.GetAsync("/me", CancellationToken.None)).Status);
        Assert.Equal(session, _servers.SessionOf(browser));
    }

    [Fact]
    [Trait("Row", "T73")]
    public async Task A_grant_for_another_organization_is_asked_for_once_more_visibly_and_then_not_again()
    {
        using var browser = await _servers.SignedInAsync();
        var session = _servers.SessionOf(browser);
        Provider.ChangeClaims = claims => HostileGrantServers.Grant(Provider, claims, ["acme", "globex"], "org_globex");
        var end = await browser.GetAsync("/orgs/acme/page", CancellationToken.None);
        Assert.Equal(("/auth/error", "auth_failed"), (end.Url.AbsolutePath, PendingLogin.Of(end.Url, "error")));
        Assert.Equal(["none", null], Prompts(2));
        Assert.Equal(session, _servers.SessionOf(browser));
        await Wait.UntilAsync(() => _servers.Output.Contains("token.discarded reason=other_organization", StringComparison.Ordinal), TimeSpan.FromSeconds(10), "the audit says so");
    }

    [Theory]
    [Trait("Row", "T45")]
    [InlineData(0.001, null, false)] // expired on arrival
    [InlineData(0.001, null, true)]
    [InlineData(0.001, "refused", true)]
    public async Task Grants_that_are_of_no_use_are_had_six_times_and_then_there_is_a_page_whichever_replica_answers(double life, string? refreshToken, bool onTwoReplicas)
    {
        using var browser = await _servers.SignedInAsync();
        var session = _servers.SessionOf(browser);
        Provider.ChangeTokens = tokens =>
        {
            tokens["expires_in"] = life;
            if (refreshToken is not null)
                tokens["refresh_token"] = refreshToken;
        };
        Provider.Token.Answer = context => Provider.Token.LastRequest.Field("grant_type") == "refresh_token"
            ? HostileAnswers.Json(new JsonObject { ["error"] = "invalid_grant" }, 400)(context)
            : Provider.Token.AnswerProperlyAsync(context);
        var (end, trips) = await RoundAsync(browser, "/orgs/acme/page", onTwoReplicas);
        Assert.Equal((400, "/auth/error", "circle", 6), (end.Status, end.Url.AbsolutePath, PendingLogin.Of(end.Url, "error"), trips));
        Assert.Contains("could not be used", end.Body, StringComparison.Ordinal);
        Assert.Equal(session, _servers.SessionOf(browser));
        Assert.Equal(200, (await browser.GetAsync("/me", CancellationToken.None)).Status);

        // To try again is a new start, for every page.
        _servers.Behave();
        foreach (var page in (string[])["/orgs/acme/page", "/orgs/globex/page"])
        {
            (end, _) = await RoundAsync(browser, page, onTwoReplicas);
            Assert.Equal((200, page), (end.Status, end.Url.AbsolutePath));
        }
    }

    [Fact]
    [Trait("Row", "T45")]
    public async Task Many_pages_of_one_organization_that_sign_in_at_once_are_no_circle()
    {
        using var browser = await _servers.SignedInAsync();
        for (var i = 0; i < 12; i++)
            Assert.Equal($"/orgs/acme/{i}", (await browser.GetAsync($"/auth/login?org=acme&next=/orgs/acme/{i}", CancellationToken.None)).Url.AbsolutePath);
    }

    [Theory]
    [Trait("Row", "T102")]
    [InlineData("x")]
    [InlineData("~~..~.")]
    [InlineData("a.9.1~b.-1.1~c.1.99999999999999999999~d.1.1.1")]
    [InlineData("long")]
    public async Task A_count_that_is_none_of_ours_counts_as_nothing(string value)
    {
        using var browser = await _servers.SignedInAsync();
        browser.Cookies.Set(_servers.Url, "orggw-login-grants", value == "long" ? new string('~', 4000) : value);
        var end = await browser.GetAsync("/orgs/acme/page", CancellationToken.None);
        Assert.Equal((200, "/orgs/acme/page"), (end.Status, end.Url.AbsolutePath));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(503)]
    public async Task A_pushed_request_that_is_refused_for_its_prompt_is_pushed_without_one(int status)
    {
        using var browser = await _servers.SignedInAsync($"/auth/login?connection={HostileGrantServers.Pushing}&next=/me");
        var session = _servers.SessionOf(browser);
        var pushed = _servers.Second.Pushed;
        var before = pushed.Hits;
        pushed.Answer = context => pushed.LastRequest.Field("prompt") == "none"
            ? HostileAnswers.Json(new JsonObject { ["error"] = "invalid_request" }, status)(context)
            : pushed.AnswerProperlyAsync(context);
        var end = await browser.GetAsync("/orgs/initech/page", CancellationToken.None);
        // One that fails for the moment is not asked for something else.
        Assert.Equal(status == 400 ? (200, "/orgs/initech/page") : (503, "/auth/login"), (end.Status, end.Url.AbsolutePath));
        Assert.Equal(session, _servers.SessionOf(browser));
        Assert.Equal(status == 400 ? ["none", null] : ["none"], pushed.Requests.Skip(before).Select(request => request.Field("prompt")));
    }

    [Fact]
    [Trait("Row", "A21")]
    public async Task A_stronger_sign_in_for_an_organization_renews_the_session_itself()
    {
        Provider.ChangeClaims += claims => claims["auth_time"] = claims["iat"]!.GetValue<long>() - 600;
        using var browser = await _servers.SignedInAsync();
        _servers.Behave();
        var session = _servers.SessionOf(browser);
        var begun = await browser.GetOneAsync("/recent/acme/page", CancellationToken.None);
        Assert.Equal("/auth/login?max_age=300&org=acme&next=%2Frecent%2Facme%2Fpage", begun.Hops[0].Location!.PathAndQuery);
        var end = await browser.GetAsync("/recent/acme/page", CancellationToken.None);
        Assert.Equal((200, "/recent/acme/page"), (end.Status, end.Url.AbsolutePath));
        Assert.NotEqual(session, _servers.SessionOf(browser));
    }

    /// <summary>Follows each redirect to the other replica, or always to the same; gives up after twelve sign-ins.</summary>
    private async Task<(BrowserVisit End, int Trips)> RoundAsync(DemoBrowser browser, string page, bool onTwoReplicas)
    {
        var (at, trips) = (_servers.Url, 0);
        var next = new Uri(at, page);
        while (true)
        {
            var visit = await browser.GetOneAsync(next.AbsoluteUri, CancellationToken.None);
            trips += visit.Url.AbsolutePath.StartsWith("/auth/callback", StringComparison.Ordinal) ? 1 : 0;
            if (visit.Status is not (302 or 303) || trips > 12)
            {
                browser.Cookies.Move(at, _servers.Url);
                return (visit, trips);
            }
            next = visit.Hops[0].Location!;
            if (next.Authority != _servers.Url.Authority && next.Authority != _servers.ReplicaUrl.Authority)
                continue;
            var other = onTwoReplicas && at == _servers.Url ? _servers.ReplicaUrl : _servers.Url;
            browser.Cookies.Move(at, other);
            (at, next) = (other, new Uri(other, next.PathAndQuery));
        }
    }

    private IEnumerable<string?> Prompts(int last) => Provider.Front.Authorize.Requests.TakeLast(last).Select(request => HttpUtility.ParseQueryString(request.Query)["prompt"]);
}
