using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>What comes back from the provider, or pretends to.</summary>
public sealed class CallbackChainTests(DemoServers demo) : IClassFixture<DemoServers>
{
    private GatewayStack Stack => demo.Stack;

    [Theory]
    [InlineData("missing")]
    [InlineData("wrong")]
    [InlineData("replayed")]
    [InlineData("other browser")]
    [Trait("Row", "G20")]
    [Trait("Row", "T44")]
    public async Task A_callback_without_the_state_of_this_browser_makes_no_session_and_no_token_request(string attack)
    {
        var login = await PendingLogin.BeginAsync(Stack);
        using var victim = login.Browser;
        using var stranger = Stack.BrowserFor();
        var before = Stack.Provider.Counters.CodeGrants.Value;
        BrowserVisit answer;
        switch (attack)
        {
            case "missing":
                answer = await login.ReturnAsync(login.CallbackWith(("state", null)));
                break;
            case "wrong":
                answer = await login.ReturnAsync(login.CallbackWith(("state", new string('A', 43))));
                break;
            case "other browser":
                answer = await stranger.GetOneAsync(login.Callback.PathAndQuery, CancellationToken.None);
                // Seen once, it is spent: the browser that began it cannot use it either.
                Assert.Equal("state", ErrorOf(await login.ReturnAsync()));
                break;
            default:
                var cookie = Assert.Single(login.Browser.Cookies.Names(Stack.Url));
                var binder = login.Browser.Cookies.Value(Stack.Url, cookie)!;
                Assert.Equal("/me?from=login", (await login.ReturnAsync()).Hops[0].Location!.PathAndQuery);
                login.Browser.Cookies.Clear(Stack.Url);
                login.Browser.Cookies.Set(Stack.Url, cookie, binder);
                before++;
                answer = await login.ReturnAsync();
                break;
        }

        Assert.Equal("state", ErrorOf(answer));
        Assert.DoesNotContain(answer.Hops[0].SetCookies, line => line.StartsWith("orggw=", StringComparison.Ordinal));
        Assert.Null(Stack.SessionOf(victim));
        Assert.Null(Stack.SessionOf(stranger));
        Assert.Equal(before, Stack.Provider.Counters.CodeGrants.Value);
        // An error page, and no restart by itself.
        var page = await stranger.GetAsync(answer.Hops[0].Location!.AbsoluteUri, CancellationToken.None);
        Assert.Equal((400, 1), (page.Status, page.Hops.Count));
    }

    [Fact]
    [Trait("Row", "T58")]
    public async Task A_callback_with_a_lost_state_goes_on_with_the_session_that_lives()
    {
        var login = await PendingLogin.BeginAsync(Stack);
        using var browser = login.Browser;
        browser.Cookies.Clear(Stack.Url);
        await browser.SignInAsync("/auth/login", "alice@acme.test", CancellationToken.None);
        var session = Stack.SessionOf(browser);
        Assert.NotNull(session);
        var before = Stack.Provider.Counters.CodeGrants.Value;

        var answer = await login.ReturnAsync();
        Assert.Equal(Stack.Origin + "/", answer.Hops[0].Location!.AbsoluteUri);
        Assert.Equal(session, Stack.SessionOf(browser));
        Assert.Equal(before, Stack.Provider.Counters.CodeGrants.Value);
    }

    [Theory]
    [InlineData("code")]
    [InlineData("state")]
    [InlineData("iss")]
    [Trait("Row", "T52")]
    [Trait("Row", "O21")]
    public async Task A_parameter_that_stands_twice_is_refused_before_any_token_request(string parameter)
    {
        var login = await PendingLogin.BeginAsync(Stack);
        using var browser = login.Browser;
        var before = Stack.Provider.Counters.Token.Value;
        var answer = await login.ReturnAsync($"{login.Callback.PathAndQuery}&{parameter}=twice");
        Assert.Equal(400, answer.Status);
        Assert.Null(Stack.SessionOf(browser));
        Assert.Equal(before, Stack.Provider.Counters.Token.Value);
    }

    [Theory]
    [InlineData("iss", "http://another.test")]
    [InlineData("iss", null)]
    [InlineData("id_token", "e.e.e")]
    [InlineData("access_token", "a")]
    [InlineData("code", null)]
    [Trait("Row", "O20")]
    [Trait("Row", "O24")]
    [Trait("Row", "O25")]
    public async Task An_answer_of_another_issuer_or_with_tokens_in_front_is_refused_before_any_token_request(string name, string? value)
    {
        var login = await PendingLogin.BeginAsync(Stack);
        using var browser = login.Browser;
        var before = Stack.Provider.Counters.Token.Value;
        var answer = await login.ReturnAsync(login.CallbackWith((name, value)));
        Assert.Equal("auth_failed", ErrorOf(answer));
        Assert.Null(Stack.SessionOf(browser));
        Assert.Equal(before, Stack.Provider.Counters.Token.Value);
        // The transaction went with the first answer: the right one comes too late.
        Assert.Empty(browser.Cookies.Names(Stack.Url));
        Assert.Equal("state", ErrorOf(await login.ReturnAsync()));
    }

    [Theory]
    [InlineData("POST", 400)]
    [InlineData("PUT", 405)]
    [InlineData("DELETE", 405)]
    [Trait("Row", "O20")]
    public async Task Only_a_GET_brings_an_answer_where_the_response_mode_is_query(string method, int status)
    {
        var login = await PendingLogin.BeginAsync(Stack);
        using var browser = login.Browser;
        using var request = new HttpRequestMessage(new HttpMethod(method), login.Callback.PathAndQuery);
        request.Content = new StringContent(login.Callback.Query[1..], System.Text.Encoding.ASCII, "application/x-www-form-urlencoded");
        var before = Stack.Provider.Counters.Token.Value;
        using var answer = await browser.SendAsync(request, CancellationToken.None);
        Assert.Equal(status, (int)answer.StatusCode);
        if (status == 400)
            Assert.Contains("ResponseMode", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((null, before), (Stack.SessionOf(browser), Stack.Provider.Counters.Token.Value));
        // Nothing was spent by it.
        Assert.Equal("/me?from=login", (await login.ReturnAsync()).Hops[0].Location!.PathAndQuery);
        Assert.NotNull(Stack.SessionOf(browser));
    }

    [Theory]
    [InlineData("state", "unknown")]
    [InlineData("state", null)]
    [InlineData("iss", "http://another.test")]
    [InlineData("iss", null)]
    [Trait("Row", "O27")]
    [Trait("Row", "T60")]
    public async Task The_text_of_an_error_answer_is_not_shown_before_state_and_issuer_are_checked(string name, string? value)
    {
        var login = await PendingLogin.BeginAsync(Stack);
        using var browser = login.Browser;
        var callback = login.CallbackWith(("code", null), ("error", "access_denied"), ("error_description", "call 555-0100 now"), (name, value));
        var answer = await login.ReturnAsync(callback);
        Assert.Equal(name == "state" ? "state" : "auth_failed", ErrorOf(answer));
        var page = await browser.GetAsync(answer.Hops[0].Location!.AbsoluteUri, CancellationToken.None);
        Assert.Equal(400, page.Status);
        Assert.DoesNotContain("555", page.Body);
    }

    [Fact]
    [Trait("Row", "S4")]
    public async Task An_error_answer_is_shown_as_text_capped_and_logged()
    {
        var login = await PendingLogin.BeginAsync(Stack);
        using var browser = login.Browser;
        var description = "<script>alert(1)</script>" + new string('x', 1000);
        var answer = await login.ReturnAsync(login.CallbackWith(("code", null), ("error", "access_denied"), ("error_description", description)));
        Assert.Equal(302, answer.Status);
        Assert.StartsWith(Stack.Origin + "/auth/error?error=access_denied&error_description=%3Cscript%3E", answer.Hops[0].Location!.AbsoluteUri);
        var page = await browser.GetAsync(answer.Hops[0].Location!.AbsoluteUri, CancellationToken.None);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page.Body);
        Assert.DoesNotContain("<script", page.Body);
        Assert.DoesNotContain(new string('x', 200), page.Body);
        await Wait.UntilAsync(
            () => Stack.Gateway.Output.Contains("answered a login with access_denied", StringComparison.Ordinal), TimeSpan.FromSeconds(5), "the event is logged");
    }

    [Theory]
    [InlineData("access_denied", "cancelled")]
    [InlineData("login_required", "sign in again")]
    [InlineData("interaction_required", "needs something from you")]
    [InlineData("consent_required", "consent")]
    [InlineData("account_selection_required", "which account")]
    [InlineData("temporarily_unavailable", "overloaded")]
    [InlineData("server_error", "identity provider failed")]
    [InlineData("invalid_request", "did not accept")]
    [InlineData("made_up_\"><b>", "could not be completed")]
    [Trait("Row", "O29")]
    public async Task Each_error_of_the_provider_has_its_own_plain_words(string error, string words)
    {
        var login = await PendingLogin.BeginAsync(Stack);
        using var browser = login.Browser;
        var callback = login.CallbackWith(("code", null), ("error", error), ("error_description", "<b>bold</b>"));
        var page = await browser.GetAsync(callback, CancellationToken.None);
        Assert.Equal("/auth/error", page.Url.AbsolutePath);
        Assert.Contains(words, page.Body);
        Assert.Contains("&lt;b&gt;bold", page.Body);
        Assert.DoesNotContain("<b>", page.Body);
        Assert.DoesNotContain("made_up", page.Body);
    }

    [Fact]
    [Trait("Row", "S46")]
    public async Task A_cancelled_login_can_be_tried_again_and_leads_to_the_original_page()
    {
        var login = await PendingLogin.BeginAsync(Stack, login: "/auth/login?next=%2Forgs%2Facme%2Fdocs%3Fid%3D7");
        using var browser = login.Browser;
        var page = await browser.GetAsync(login.CallbackWith(("code", null), ("error", "access_denied")), CancellationToken.None);
        Assert.Equal(403, page.Status);
        Assert.Contains("cancelled", page.Body);
        var again = await browser.GetAsync(Links.Of(page, "Try again"), CancellationToken.None);
        Assert.Equal((200, Stack.Origin + "/orgs/acme/docs?id=7"), (again.Status, again.Url.AbsoluteUri));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(400)]
    [Trait("Row", "S5")]
    public async Task A_failed_exchange_is_a_redirect_whose_detail_is_in_the_log_alone(int status)
    {
        var login = await PendingLogin.BeginAsync(Stack);
        using var browser = login.Browser;
        var logged = Stack.Gateway.Output.Length;
        Stack.Provider.Faults.Token = new() { Status = status, Times = 1, Body = """{"error":"invalid_grant","error_description":"secret-detail"}""" };
        var answer = await login.ReturnAsync();
        Assert.Equal("auth_failed", ErrorOf(answer));
        Assert.Null(Stack.SessionOf(browser));
        var page = await browser.GetAsync(answer.Hops[0].Location!.AbsoluteUri, CancellationToken.None);
        Assert.Equal(400, page.Status);
        Assert.DoesNotContain("invalid_grant", page.Body);
        Assert.DoesNotContain("token endpoint", page.Body);
        var detail = status == 400 ? "invalid_grant" : "token endpoint unavailable";
        await Wait.UntilAsync(
            () => Stack.Gateway.Output[logged..].Contains($"failed after the callback: {detail}", StringComparison.Ordinal), TimeSpan.FromSeconds(5), "the detail is logged");
        Assert.DoesNotContain("secret-detail", Stack.Gateway.Output);
    }

    [Fact]
    [Trait("Row", "S3")]
    public async Task A_callback_alone_leads_to_the_start_page()
    {
        using var browser = Stack.BrowserFor();
        var answer = await browser.GetOneAsync("/auth/callback", CancellationToken.None);
        Assert.Equal(302, answer.Status);
        Assert.Equal(Stack.Origin + "/", answer.Hops[0].Location!.AbsoluteUri);
        Assert.Empty(answer.Hops[0].SetCookies);
    }

    [Fact]
    public async Task Odd_callbacks_are_refused_and_the_gateway_lives()
    {
        using var browser = Stack.BrowserFor();
        Assert.Equal("state", ErrorOf(await browser.GetOneAsync("/auth/callback?code=abc", CancellationToken.None)));
        Assert.Equal("state", ErrorOf(await browser.GetOneAsync("/auth/callback?state=&code=abc", CancellationToken.None)));
        Assert.Equal("state", ErrorOf(await browser.GetOneAsync("/auth/callback?code=abc&state=" + new string('s', 200), CancellationToken.None)));
        Assert.Equal(400, (await browser.GetOneAsync("/auth/callback?code=abc&state=" + new string('s', 5000), CancellationToken.None)).Status);
        Assert.Equal(414, (await browser.GetOneAsync("/auth/callback?code=abc&state=" + new string('s', 100_000), CancellationToken.None)).Status);
        Assert.Equal(302, (await browser.GetOneAsync("/auth/callback", CancellationToken.None)).Status);
    }

    [Theory]
    [InlineData("login")]
    [InlineData("callback")]
    [InlineData("callback/main")]
    [InlineData("error")]
    [InlineData("session")]
    [InlineData("orgs")]
    [InlineData("select-org")]
    [InlineData("signed-out")]
    [InlineData(".well-known/jwks.json")]
    [Trait("Row", "T96")]
    public async Task A_POST_without_a_type_or_a_body_is_refused_by_every_endpoint_that_takes_none(string endpoint)
    {
        using var browser = Stack.BrowserFor();
        foreach (var content in new[] { null, new ByteArrayContent([]), new ByteArrayContent("a=b"u8.ToArray()) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/auth/" + endpoint) { Content = content };
            using var answer = await browser.SendAsync(request, CancellationToken.None);
            Assert.InRange((int)answer.StatusCode, 400, 499);
        }
        // Signing out is the one thing that a bare POST may do.
        using var logout = await browser.SendAsync(new(HttpMethod.Post, "/auth/logout"), CancellationToken.None);
        Assert.Equal(200, (int)logout.StatusCode);
    }

    private string? ErrorOf(BrowserVisit answer)
    {
        Assert.Equal(302, answer.Status);
        Assert.StartsWith(Stack.Origin + "/auth/error?", answer.Hops[0].Location!.AbsoluteUri);
        return PendingLogin.Of(answer.Hops[0].Location!, "error");
    }
}
