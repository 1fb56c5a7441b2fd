using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>The pages that people meet, as they arrive: escaped, self-contained, with a way on.</summary>
public sealed class PagesChainTests(BrandedServers servers) : IClassFixture<BrandedServers>
{
    private static readonly string Sent = Uri.EscapeDataString(BrandedServers.Markup);

    private GatewayStack Stack => servers.Stack;

    [Fact]
    [Trait("Row", "S27")]
    public async Task The_sign_in_page_sends_a_work_address_to_its_provider_and_tells_a_slip()
    {
        using var browser = Stack.BrowserFor();
        var page = await browser.GetAsync("/auth/sign-in?next=/orgs/acme/x", CancellationToken.None);
        var form = Assert.Single(BrowserForm.In(page));
        Assert.Equal(("/orgs/acme/x", ""), (form.Fields["next"], form.Fields["email"]));
        Assert.Matches("<label for=\"field\">Work e-mail</label><input id=\"field\" name=\"email\" type=\"email\" autocomplete=\"username\"", page.Body);

        var wrong = await browser.SubmitAsync(page, form, new Dictionary<string, string> { ["email"] = "alice at acme" }, CancellationToken.None);
        Assert.Equal(400, wrong.Status);
        Assert.Contains("role=\"alert\">Enter an e-mail address", wrong.Body);
        Assert.Equal("alice at acme", Assert.Single(BrowserForm.In(wrong)).Fields["email"]);

        var sent = await browser.SubmitAsync(page, form, new Dictionary<string, string> { ["email"] = "alice@acme.test" }, CancellationToken.None);
        var authorize = sent.Hops.Select(hop => hop.Url).Single(url => url.AbsolutePath == "/authorize");
        Assert.StartsWith(Stack.Provider.Issuer, authorize.AbsoluteUri);
        Assert.Equal("alice@acme.test", PendingLogin.Of(authorize, "login_hint"));
        Assert.Contains("partner", Links.Of(page, "Sign in with Partner ID"));

        var failed = await browser.GetAsync("/auth/sign-in?error=" + Sent, CancellationToken.None);
        Assert.Contains("The sign-in could not be completed.", failed.Body);
        AssertSafe(failed);
    }

    [Fact]
    [Trait("Row", "T116")]
    public async Task Markup_is_text_on_every_page()
    {
        using var browser = await Stack.SignedInAsync(BrandedServers.Mallory);
        foreach (var path in new[]
        {
            $"/auth/error?error={Sent}&error_description={Sent}&next={Sent}&reference={Sent}", $"/auth/error?error=access_denied&error_description={Sent}&next=/x{Sent}",
            $"/auth/sign-in?email={Sent}&next={Sent}", $"/auth/sign-in?email={Sent}@x.test&error={Sent}", "/auth/select-org", $"/auth/select-org?next={Sent}", $"/auth/signed-out?state={Sent}",
            $"/orgs/{Sent}/docs", $"/orgs/globex/{Sent}", $"/nowhere/{Sent}", $"/auth/{Sent}",
        })
        {
            var page = await browser.GetAsync(path, CancellationToken.None);
            AssertSafe(page);
        }
        var chooser = await browser.GetAsync("/auth/select-org", CancellationToken.None);
        Assert.Contains("A &quot;&gt;&lt;img", chooser.Body);
        Assert.Contains("role&quot;&gt;&lt;img", chooser.Body);
    }

    [Fact]
    [Trait("Row", "T119")]
    public async Task The_page_after_a_failed_callback_loads_nothing_and_tells_nobody_where_it_was()
    {
        var login = await PendingLogin.BeginAsync(Stack);
        using var browser = login.Browser;
        using var callback = await browser.SendAsync(new(HttpMethod.Get, login.CallbackWith(("iss", "http://other.test"))), CancellationToken.None);
        Assert.Equal("no-referrer", callback.Headers.GetValues("Referrer-Policy").Single());
        var page = await browser.GetAsync(callback.Headers.Location!.OriginalString, CancellationToken.None);
        AssertSafe(page);
        Assert.DoesNotContain("code=", page.Url.Query, StringComparison.Ordinal);
        Assert.DoesNotContain("state=", page.Url.Query, StringComparison.Ordinal);
        Assert.DoesNotMatch("(?:src|href)=\"(?:https?:)?//", page.Body);
    }

    [Theory]
    [InlineData("access_denied", 403)]
    [InlineData("state", 400)]
    [Trait("Row", "S46")]
    public async Task An_error_page_has_a_cause_a_reference_and_ways_on(string error, int status)
    {
        using var browser = Stack.BrowserFor();
        var page = await browser.GetAsync($"/auth/error?error={error}&next=/orgs/acme/x&reference=REF-1", CancellationToken.None);
        Assert.Equal(status, page.Status);
        Assert.Contains("Reference REF-1", page.Body);
        Assert.Equal("/auth/login?next=%2Forgs%2Facme%2Fx", Links.Of(page, "Try again"));
        Assert.Equal("/auth/login?next=%2Forgs%2Facme%2Fx&prompt=select_account", Links.Of(page, "Use another account"));
        Assert.Equal("/", Links.Of(page, "Go to the start page"));
    }

    [Theory]
    [InlineData("alice@acme.test")]
    [InlineData("carol@initech.test")]
    [Trait("Row", "T113")]
    public async Task No_endpoint_of_the_gateways_own_tells_a_token_or_may_be_kept(string email)
    {
        using var browser = await Stack.SignedInAsync(email);
        foreach (var path in new[] { "session", "orgs", "select-org", "sign-in", "error", "signed-out", "login", "callback", "verify", "events", "scim/v2/Users", "org-tokens/refresh", "logout" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/auth/" + path);
            request.Headers.Add("Accept", path is "session" or "orgs" or "logout" ? "application/json" : "text/html");
            using var answer = await browser.SendAsync(request, CancellationToken.None);
            var body = await answer.Content.ReadAsStringAsync();
            // The hint to the provider's end session is the one place for an ID token (T43).
            var told = path == "logout" ? Regex.Replace(body, "id_token_hint=[^&\"]*", "") : body;
            Assert.DoesNotMatch(CompactToken.Pattern, told + string.Concat(answer.Headers.Where(h => h.Key != "Location" || path != "logout").SelectMany(h => h.Value)));
            Assert.True(answer.Headers.CacheControl?.NoStore, path);
        }
    }

    [Fact]
    public async Task A_template_and_texts_of_the_operator_take_the_frame_over_and_nothing_else()
    {
        var folder = Directory.CreateTempSubdirectory("branding-").FullName;
        try
        {
            var template = Path.Combine(folder, "page.html");
            await File.WriteAllTextAsync(template, "<!doctype html><html lang=\"{{lang}}\"><title>{{title}}</title><style>body{color:red}</style><body><header>{{name}}</header>{{content}}<script>alert(1)</script></body></html>");
            var configuration = DemoConfiguration.Elsewhere(Stack.Configuration);
            configuration["Gateway"]!["Branding"] = new JsonObject
            {
                ["Name"] = "Acme", ["Template"] = template, ["Language"] = "de",
                ["Texts"] = new JsonObject { ["Sign in"] = "Anmelden", ["Work e-mail"] = "E-Mail <geschäftlich>" },
            };
            var gateway = await Stack.StartGatewayAsync(configuration);
            using var browser = new DemoBrowser(gateway.Url);
            var page = await browser.GetAsync("/auth/sign-in?next=/{{content}}", CancellationToken.None);
            Assert.Contains("<html lang=\"de\"><title>Anmelden</title>", page.Body);
            Assert.Contains("<header>Acme</header><h1>Anmelden</h1>", page.Body);
            Assert.Contains("E-Mail &lt;gesch", page.Body);
            Assert.Single(Regex.Matches(page.Body, "<h1>"));
            var policy = page.Response.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Matches("style-src 'sha256-[^']+';", policy);
            Assert.DoesNotContain("script-src", policy, StringComparison.Ordinal);
            Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Wrong_branding_is_a_fault_that_names_the_setting()
    {
        var configuration = DemoConfiguration.Elsewhere(Stack.Configuration);
        var empty = Path.GetTempFileName();
        configuration["Gateway"]!["Branding"] = new JsonObject
        {
            ["Name"] = new string('n', 65), ["Logo"] = "/nowhere/logo.gif", ["Template"] = empty, ["Language"] = "<de>",
            ["Colors"] = new JsonObject { ["Accent"] = "red}body{display:none" },
        };
        var refused = await GatewayProcess.RunToExitAsync(["check"], configuration.ToJsonString());
        File.Delete(empty);
        Assert.Equal(1, refused.ExitCode);
        foreach (var setting in new[] { "Name", "Logo", "Template", "Language", "Colors:Accent" })
            Assert.Contains($"Gateway:Branding:{setting}: ", refused.Output);
    }

    private static void AssertSafe(BrowserVisit page)
    {
        if (page.Response.Content.Headers.ContentType?.MediaType != "text/html")
            return;
        Assert.DoesNotContain("<img src=x", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("onerror=alert(1)>", page.Body, StringComparison.Ordinal);
        var headers = page.Response.Headers;
        var policy = headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("no-referrer", headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("DENY", headers.GetValues("X-Frame-Options").Single());
        Assert.Equal("nosniff", headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(headers.CacheControl?.NoStore);
    }
}
