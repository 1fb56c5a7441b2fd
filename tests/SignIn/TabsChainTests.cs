using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>Many tabs, many logins, browsers that lose what they were given.</summary>
public sealed class TabsChainTests(DemoServers demo) : IClassFixture<DemoServers>
{
    private const string Prefix = "orggw-login-";

    private GatewayStack Stack => demo.Stack;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Row", "P9")]
    [Trait("Row", "O11")]
    public async Task Two_tabs_sign_in_at_once_and_each_lands_on_its_own_page(bool reversed)
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        browser.Cookies.Clear(Stack.Url);
        var ends = new[] { $"/orgs/acme/a-{reversed}", $"/orgs/globex/b-{reversed}" };
        PendingLogin[] tabs = [await PendingLogin.BeginAsync(browser, "/auth/login?org=acme&next=" + ends[0]), await PendingLogin.BeginAsync(browser, "/auth/login?org=globex&next=" + ends[1])];
        foreach (var i in reversed ? new[] { 1, 0 } : [0, 1])
        {
            var landed = await browser.GetAsync(tabs[i].Callback.PathAndQuery, CancellationToken.None);
            Assert.Equal((200, ends[i]), (landed.Status, landed.Url.AbsolutePath));
        }
        Assert.Equal(["orggw"], browser.Cookies.Names(Stack.Url));
    }

    [Fact]
    [Trait("Row", "T56")]
    public async Task Fifty_logins_begun_leave_five_cookies_of_which_the_newest_work()
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        browser.Cookies.Clear(Stack.Url);
        var logins = new List<PendingLogin>();
        for (var i = 0; i < 50; i++)
        {
            using var begun = await browser.SendAsync(Navigation($"/auth/login?next=/me?tab={i}"), CancellationToken.None);
            Assert.Equal(302, (int)begun.StatusCode);
            foreach (var line in begun.Headers.GetValues("Set-Cookie"))
                Assert.Contains("path=/auth/callback; samesite=lax; httponly", line, StringComparison.Ordinal);
            var answered = await browser.GetOneAsync(begun.Headers.Location!.AbsoluteUri, CancellationToken.None);
            logins.Add(new(browser, begun.Headers.Location, answered.Hops[0].Location!));
            Assert.InRange(browser.Cookies.Names(Stack.Url).Count(name => name.StartsWith(Prefix, StringComparison.Ordinal)), 1, 5);
        }
        Assert.StartsWith("/auth/error?error=state", (await logins[44].ReturnAsync()).Response.Headers.Location!.OriginalString);
        foreach (var i in new[] { 47, 45, 49, 46, 48 })
            Assert.Equal($"/me?tab={i}", (await logins[i].ReturnAsync()).Response.Headers.Location!.OriginalString);
        Assert.Equal(["orggw"], browser.Cookies.Names(Stack.Url));
    }

    [Fact]
    [Trait("Row", "T56")]
    public async Task A_callback_takes_away_what_other_replicas_left_too_many_of()
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        browser.Cookies.Clear(Stack.Url);
        for (var i = 0; i < 8; i++)
            browser.Cookies.Set(new(Stack.Url, "/auth/callback"), Prefix + "AAAAAAA" + i, "x");
        browser.Cookies.Set(new(Stack.Url, "/auth/"), Prefix + "trips", "sign-in.2.1"); // counts round trips, and is no login
        var login = await PendingLogin.BeginAsync(browser, "/auth/login?next=/me");
        var callback = await login.ReturnAsync();
        Assert.Equal("/me", callback.Response.Headers.Location!.OriginalString);
        var deleted = callback.Hops[0].SetCookies.Where(line => line.StartsWith(Prefix + "AAAAAAA", StringComparison.Ordinal)).ToList();
        Assert.Equal(["AAAAAAA0", "AAAAAAA1", "AAAAAAA2"], deleted.Select(line => line[Prefix.Length..line.IndexOf('=', StringComparison.Ordinal)]));
        Assert.All(deleted, line => Assert.Contains("expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/auth/callback", line, StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Row", "T45")]
    public async Task A_session_that_does_not_stick_ends_on_a_page_after_six_round_trips()
    {
        using var browser = await Stack.SignedInAsync("carol@initech.test");
        browser.Cookies.Clear(Stack.Url);
        var trips = 0;
        var at = "/orgs/initech/circle";
        BrowserVisit visit;
        while ((visit = await browser.GetOneAsync(at, CancellationToken.None)) is { Status: 302 or 303 } && trips < 12)
        {
            at = visit.Hops[0].Location!.AbsoluteUri;
            if (!visit.Url.AbsolutePath.StartsWith("/auth/callback", StringComparison.Ordinal))
                continue;
            trips++;
            // As a browser that refuses the session's cookie and keeps the others.
            browser.Cookies.Read(Stack.Url, "orggw=; path=/; max-age=0");
        }
        Assert.Equal("/auth/error", visit.Url.AbsolutePath);
        Assert.Equal("circle", PendingLogin.Of(visit.Url, "error"));
        Assert.InRange(trips, 2, 6);
        Assert.Contains("does not keep", visit.Body, StringComparison.Ordinal);
        // The way on is a new start, not the same page again.
        Assert.Equal(302, (await browser.GetOneAsync(Links.Of(visit, "Try again"), CancellationToken.None)).Status);
    }

    [Fact]
    [Trait("Row", "T45")]
    public async Task A_browser_without_any_cookies_gets_a_page_at_once()
    {
        using var known = await Stack.SignedInAsync("alice@acme.test");
        var authorize = (await known.GetOneAsync("/auth/login?next=/me", CancellationToken.None)).Hops[0].Location!;
        var callback = (await known.GetOneAsync(authorize.AbsoluteUri, CancellationToken.None)).Hops[0].Location!;
        using var forgetful = Stack.BrowserFor();
        var end = await forgetful.GetAsync(callback.PathAndQuery, CancellationToken.None);
        Assert.Equal((400, "/auth/error", 2), (end.Status, end.Url.AbsolutePath, end.Hops.Count));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("\"")]
    [InlineData("=;,")]
    [InlineData("%00%ff")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("long")]
    [Trait("Row", "T102")]
    public async Task A_malformed_transaction_cookie_ends_on_the_error_page(string value)
    {
        var login = await PendingLogin.BeginAsync(Stack);
        using var browser = login.Browser;
        var name = Assert.Single(browser.Cookies.Names(Stack.Url));
        browser.Cookies.Clear(Stack.Url);
        var sent = value == "long" ? new string('v', 8000) : value;
        foreach (var cookies in new[] { $"{name}={sent}", $"{name}={sent}; {name}={sent}", $"{name}", $"{Prefix}={sent}", string.Join("; ", Enumerable.Range(0, 60).Select(i => $"{Prefix}{i}={sent[..Math.Min(sent.Length, 50)]}")), $"{Prefix}trips={sent}; {Prefix}restart={sent}" })
        {
            using var request = Navigation(login.Callback.PathAndQuery);
            request.Headers.TryAddWithoutValidation("Cookie", cookies);
            using var answer = await browser.SendAsync(request, CancellationToken.None);
            Assert.Equal(302, (int)answer.StatusCode);
            Assert.StartsWith("/auth/error?error=state", answer.Headers.Location!.OriginalString);
            using var begin = Navigation("/auth/login");
            begin.Headers.TryAddWithoutValidation("Cookie", cookies);
            using var begun = await browser.SendAsync(begin, CancellationToken.None);
            Assert.Equal(302, (int)begun.StatusCode);
            Assert.StartsWith(Stack.Provider.Issuer, begun.Headers.Location!.AbsoluteUri);
            browser.Cookies.Clear(Stack.Url);
        }
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5_000)]
    [InlineData(100_000)]
    [Trait("Row", "T97")]
    public async Task A_callback_with_nothing_or_far_too_much_is_an_orderly_answer(int length)
    {
        using var browser = Stack.BrowserFor();
        foreach (var query in new[] { "", "?", "?x=1", "?state=" + new string('s', length), "?code=" + new string('c', length), "?error=" + new string('e', length), "?state=a&state=b", "?&&&=" })
        {
            var answer = await browser.GetOneAsync("/auth/callback" + query, CancellationToken.None);
            Assert.True(answer.Status is 302 or 400 or 414, $"{query[..Math.Min(query.Length, 20)]}: {answer.Status}");
            Assert.DoesNotContain(answer.Hops[0].SetCookies, line => line.StartsWith("orggw=", StringComparison.Ordinal));
        }
    }

    private static HttpRequestMessage Navigation(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Accept", "text/html");
        return request;
    }
}
