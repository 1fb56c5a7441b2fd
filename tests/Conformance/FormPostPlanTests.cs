using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conformance;

/// <summary>oidcc-client-formpost-basic-certification-test-plan: the Basic modules once more, the answers posted by the provider's page.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class FormPostPlanTests(ConformanceServers servers, Browser chromium) : IClassFixture<Browser>
{
    [Theory, Trait("Row", "O113"), Trait("Row", "O20")]
    [InlineData("oidcc-client-test")]
    [InlineData("idtoken-sig-rs256")]
    [InlineData("userinfo-invalid-sub")]
    [InlineData("scope-userinfo-claims")]
    [InlineData("client-secret-basic")]
    [InlineData("kid-absent-single-jwks", "-one-key")]
    public async Task Login_works(string module, string keys = "")
    {
        using var run = await RunAsync(module, keys);
        run.SignedIn();
        Assert.Equal("form_post", run.Provider.Front.LastRequest["response_mode"]);
        Assert.Contains(run.End.Hops, hop => hop.Method == HttpMethod.Post && hop.Url.AbsolutePath == "/auth/callback/" + ConformanceModules.FormPost + keys && hop.Url.Query.Length == 0);
    }

    [Theory, Trait("Row", "O113"), Trait("Row", "O20")]
    [InlineData("invalid-iss")]
    [InlineData("invalid-aud")]
    [InlineData("missing-sub")]
    [InlineData("missing-iat")]
    [InlineData("idtoken-sig-none")]
    [InlineData("invalid-sig-rs256")]
    [InlineData("nonce-invalid")]
    [InlineData("form-post-error")]
    [InlineData("invalid-authorization-response-iss")]
    [InlineData("kid-absent-multiple-jwks", "-several-keys")]
    public async Task Login_is_refused(string module, string keys = "")
    {
        using var run = await RunAsync(module, keys);
        run.Refused();
    }

    [Fact, Trait("Row", "O20"), Trait("Row", "O113")]
    public async Task A_code_in_the_URL_is_not_what_was_asked_for()
    {
        var provider = servers.Provider(ConformanceModules.FormPost);
        provider.Behave();
        using var browser = new DemoBrowser(servers.Url);
        await browser.GetAsync($"/auth/login?org={ConformanceModules.FormPost}&next=/me", CancellationToken.None);
        var tokens = provider.Token.Hits;
        var answer = provider.Front.LastResponse;
        var end = await browser.GetAsync(
            $"/auth/callback/{ConformanceModules.FormPost}?" + string.Join('&', answer.Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}")), CancellationToken.None);
        Assert.Equal((400, "/auth/error", tokens), (end.Status, end.Url.AbsolutePath, provider.Token.Hits));
    }

    [Theory, Trait("Row", "O21"), Trait("Row", "T96")]
    [InlineData("application/json", "{}")]
    [InlineData("multipart/form-data; boundary=x", "--x--")]
    [InlineData("application/x-www-form-urlencoded", "state=a&state=b")]
    [InlineData("application/x-www-form-urlencoded", "")]
    public async Task A_post_that_is_no_authorization_response_is_400_or_the_start_page(string type, string body)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var content = new StringContent(body);
        content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);
        using var answer = await http.PostAsync(new Uri(servers.Url, "/auth/callback/" + ConformanceModules.FormPost), content);
        Assert.Equal(body.Length == 0 ? 302 : 400, (int)answer.StatusCode);
    }

    [Fact, Trait("Row", "O113")]
    public async Task A_form_beyond_measure_is_not_read()
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var content = new FormUrlEncodedContent([new("state", new string('s', 60_000)), new("code", new string('c', 60_000))]);
        using var answer = await http.PostAsync(new Uri(servers.Url, "/auth/callback/" + ConformanceModules.FormPost), content);
        Assert.Equal(400, (int)answer.StatusCode);
    }

    [Fact, Trait("Row", "O113")]
    public async Task A_browser_brings_its_cookie_with_the_form_of_another_site()
    {
        servers.Provider(ConformanceModules.FormPost).Behave();
        var page = await chromium.NewPageAsync();
        await page.GotoAsync($"{servers.Origin}/auth/login?org={ConformanceModules.FormPost}&next=/me");
        await Browser.ArrivesAsync(page, servers.Origin + "/me");
        Assert.Contains(await page.Context.CookiesAsync(), cookie => cookie.Name == "orggw");
    }

    private Task<ConformanceRun> RunAsync(string module, string keys) => ConformanceRun.OfAsync(
        servers, ConformanceModules.Turn(module, servers.Provider(ConformanceModules.FormPost + keys)), ConformanceModules.FormPost + keys);
}
