using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.SignIn;

namespace OrgGateway.Tests.Conformance;

/// <summary>Routes, and upstreams, that want a sign-in more recent or stronger than the session's.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class StepUpTests(ConformanceServers servers)
{
    private HostileProvider Provider => servers.Provider(ConformanceModules.Basic);

    [Theory, Trait("Row", "A21"), Trait("Row", "O47"), Trait("Row", "O48"), Trait("Row", "O73")]
    [InlineData("/recent/page?x=1", "max_age", "300")]
    [InlineData("/strong/page", "acr_values", "phr phrh")]
    public async Task A_page_leads_through_a_login_that_asks_for_it_and_back_with_a_new_session(string page, string parameter, string value)
    {
        using var run = await SignedInAsync();
        var before = run.Browser.Cookies.Value(servers.Url, "orggw")!;
        var end = await run.Browser.GetAsync(page, CancellationToken.None);
        Assert.Equal((200, page), (end.Status, end.Url.PathAndQuery));
        Assert.Equal(value, Provider.Front.LastRequest[parameter]);
        var after = run.Browser.Cookies.Value(servers.Url, "orggw");
        Assert.NotEqual(before, after);
        using var client = new CookieClient();
        Assert.Equal(HttpStatusCode.Unauthorized, await client.StatusAsync(servers.Url, "/plain", before));
        // Now it holds: no further login.
        Assert.Equal(page, Assert.Single((await run.Browser.GetAsync(page, CancellationToken.None)).Hops).Url.PathAndQuery);
    }

    [Fact, Trait("Row", "A21")]
    public async Task A_sign_in_that_has_grown_too_old_is_asked_for_again()
    {
        using var run = await SignedInAsync(claims => claims["auth_time"] = claims["iat"]!.GetValue<long>() - 600);
        var end = await run.Browser.GetOneAsync("/recent/page", CancellationToken.None);
        Assert.Equal("/auth/login?max_age=300&next=%2Frecent%2Fpage", end.Hops[0].Location!.PathAndQuery);
        Provider.Behave();
        Assert.Equal("/recent/page", (await run.Browser.GetAsync("/recent/page", CancellationToken.None)).Url.AbsolutePath);
    }

    [Fact, Trait("Row", "A21")]
    public async Task A_program_is_told_what_is_lacking_and_where_to_get_it()
    {
        using var run = await SignedInAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/recent/data");
        using var answer = await run.Browser.SendAsync(request, CancellationToken.None);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("error=\"insufficient_user_authentication\"", answer.Headers.WwwAuthenticate.ToString());
        Assert.Contains("max_age=300", answer.Headers.WwwAuthenticate.ToString());
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(("reauth_required", "/auth/login?max_age=300"), ((string?)problem["code"], (string?)problem["login_url"]));

        using var socket = new HttpRequestMessage(HttpMethod.Get, "/strong/live");
        socket.Headers.Add("Connection", "Upgrade");
        socket.Headers.Add("Upgrade", "websocket");
        socket.Headers.Add("Origin", servers.Origin);
        using var refused = await run.Browser.SendAsync(socket, CancellationToken.None);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains("acr_values=\"phr phrh\"", refused.Headers.WwwAuthenticate.ToString());
        Assert.NotNull(run.Browser.Cookies.Value(servers.Url, "orggw"));
    }

    [Theory, Trait("Row", "O47"), Trait("Row", "O48")]
    [InlineData("/recent/page", "auth_time", null)]
    [InlineData("/recent/page", "auth_time", 1_000_000_000L)]
    [InlineData("/strong/page", "acr", null)]
    [InlineData("/strong/page", "acr", "weak")]
    public async Task A_provider_that_does_not_deliver_ends_on_the_error_page_and_the_session_goes_on(string page, string claim, object? value)
    {
        using var run = await SignedInAsync();
        Provider.ChangeClaims = claims =>
        {
            claims.Remove(claim);
            if (value is not null)
                claims[claim] = value is long time ? time : (string)value;
        };
        var logins = Provider.Front.Authorize.Hits;
        var end = await run.Browser.GetAsync(page, CancellationToken.None);
        Assert.Equal((400, "/auth/error", logins + 1), (end.Status, end.Url.AbsolutePath, Provider.Front.Authorize.Hits));
        Assert.Contains("did not confirm", end.Body);
        Assert.Equal(200, (await run.Browser.GetAsync("/plain", CancellationToken.None)).Status);
    }

    [Fact, Trait("Row", "O72"), Trait("Row", "T131")]
    public async Task An_upstreams_challenge_leads_a_page_through_a_login_once_and_reaches_a_program_as_it_is()
    {
        const string Challenge = "Bearer realm=\"a, b\", error=\"insufficient_user_authentication\", acr_values=\"phr mfa\", max_age=\"60\"";
        using var run = await SignedInAsync();
        try
        {
            servers.Upstream.Answer = context =>
            {
                context.Response.StatusCode = 401;
                context.Response.Headers.WWWAuthenticate = Challenge;
                return context.Response.WriteAsync("the upstream's own words");
            };
            var hits = servers.Upstream.Hits;
            using (var program = await run.Browser.SendAsync(new(HttpMethod.Get, "/plain/data"), CancellationToken.None))
            {
                Assert.Equal((HttpStatusCode.Unauthorized, "the upstream's own words"), (program.StatusCode, await program.Content.ReadAsStringAsync()));
                Assert.Contains("insufficient_user_authentication", program.Headers.WwwAuthenticate.ToString());
            }
            Assert.Equal(hits + 1, servers.Upstream.Hits);

            var page = await run.Browser.GetOneAsync("/plain/page", CancellationToken.None);
            Assert.Equal("/auth/login?max_age=60&acr_values=phr%20mfa&next=%2Fplain%2Fpage", page.Hops[0].Location!.PathAndQuery);
            Assert.DoesNotContain("own words", page.Body);
            // In place of the upstream's answer, and a redirect like any other.
            Assert.Equal(("no-store", "strict-origin-when-cross-origin"), (page.Response.Headers.CacheControl!.ToString(), page.Response.Headers.GetValues("Referrer-Policy").Single()));
            Assert.True(page.Response.Headers.Contains("X-Request-Id"));

            // Who has brought what was asked for sees what the upstream says: no second login.
            var logins = Provider.Front.Authorize.Hits;
            var end = await run.Browser.GetAsync("/plain/page", CancellationToken.None);
            Assert.Equal((401, "/plain/page", logins + 1), (end.Status, end.Url.AbsolutePath, Provider.Front.Authorize.Hits));
        }
        finally
        {
            servers.Upstream.Answer = null;
        }
    }

    [Fact, Trait("Row", "O17")]
    public async Task A_login_takes_demands_that_are_written_right_and_no_others()
    {
        Provider.Behave();
        using var browser = new DemoBrowser(servers.Url);
        foreach (var (query, sent) in new[]
        {
            ("max_age=0", "max_age"), ("max_age=60&acr_values=a+b", "acr_values,max_age"), ("max_age=-1", ""), ("max_age=1e3", ""),
            ("acr_values=%22x%22", ""), ("acr_values=" + new string('a', 300), ""), ("claims=%7B%7D&request=x&response_mode=fragment", ""),
        })
        {
            var begun = await browser.GetOneAsync("/auth/login?" + query, CancellationToken.None);
            var asked = System.Web.HttpUtility.ParseQueryString(begun.Hops[0].Location!.Query).AllKeys;
            Assert.Equal(sent, string.Join(',', asked.Where(name => name is "max_age" or "acr_values" or "claims" or "request" or "response_mode").Order()));
        }
    }

    [Theory]
    [InlineData("MaxAuthAge", "five minutes", "MaxAuthAge: 'five minutes' is not a time")]
    [InlineData("MaxAuthAge", "00:00:00", "MaxAuthAge: '00:00:00' is not a time")]
    [InlineData("Acr", "a\"b", "Acr: a comma list")]
    public async Task A_demand_that_cannot_be_read_stops_the_start(string key, string value, string fault)
    {
        var configuration = DemoConfiguration.Of(servers.Origin, "https://id.example.test", servers.Upstream.Url);
        configuration["ReverseProxy"]!["Routes"]!["me"]!["Metadata"]![key] = value;
        var run = await GatewayProcess.RunToExitAsync(["check"], configuration.ToJsonString());
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(fault, run.Output);
    }

    private async Task<ConformanceRun> SignedInAsync(Action<JsonObject>? claims = null)
    {
        Provider.Behave();
        Provider.ChangeClaims = claims;
        return (await ConformanceRun.OfAsync(servers, Provider, ConformanceModules.Basic)).SignedIn();
    }
}
