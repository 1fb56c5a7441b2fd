using Microsoft.AspNetCore.WebUtilities;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Demo;

public sealed class SignInPageTests
{
    [Fact]
    public async Task A_wrong_password_shows_the_form_again_with_the_reason()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();

        var end = await browser.SignInAsync(app.AuthorizeUrl(), "alice@acme.test", "\"><script>", CancellationToken.None);

        Assert.Contains("Wrong e-mail or password", end.Body, StringComparison.Ordinal);
        Assert.Equal("alice@acme.test", Assert.Single(BrowserForm.In(end)).Fields["email"]);
        Assert.DoesNotContain("<script>", end.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_login_hint_is_filled_in_and_escaped()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();

        var page = await browser.GetAsync(app.AuthorizeUrl(("login_hint", "\"><script>alert(1)</script>")), CancellationToken.None);

        Assert.Equal("\"><script>alert(1)</script>", Assert.Single(BrowserForm.In(page)).Fields["email"]);
        Assert.DoesNotContain("<script", page.Body, StringComparison.Ordinal);
        var policy = Assert.Single(page.Response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_posted_from_another_browser_signs_nobody_in()
    {
        await using var app = await ClientApp.StartAsync();
        using var attacker = app.NewBrowser();
        using var victim = app.NewBrowser();
        var page = await attacker.GetAsync(app.AuthorizeUrl(), CancellationToken.None);

        var filled = new Dictionary<string, string> { ["email"] = "bob@globex.test", ["password"] = "demo" };
        var end = await victim.SubmitAsync(page, Assert.Single(BrowserForm.In(page)), filled, CancellationToken.None);

        Assert.Equal("/sign-in", end.Url.AbsolutePath);
        Assert.Equal(0, app.Provider.Counters.SignIns.Value);
    }

    [Fact]
    public async Task The_provider_remembers_a_browser_until_somebody_asks_for_a_new_sign_in()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();
        await app.CodeAsync(browser);

        var again = await browser.GetAsync(app.AuthorizeUrl(), CancellationToken.None);
        var silent = await browser.GetAsync(app.AuthorizeUrl(("prompt", "none")), CancellationToken.None);
        var forced = await browser.GetAsync(app.AuthorizeUrl(("prompt", "login")), CancellationToken.None);

        Assert.Equal("/callback", again.Url.AbsolutePath);
        Assert.Contains("code", QueryHelpers.ParseQuery(silent.Url.Query).Keys);
        Assert.Equal("/sign-in", forced.Url.AbsolutePath);
    }

    [Fact]
    public async Task A_sign_in_older_than_max_age_is_done_again_and_keeps_its_sid()
    {
        var clock = new AdjustableClock();
        await using var app = await ClientApp.StartAsync(new() { Clock = clock }, client => client);
        using var browser = app.NewBrowser();
        var (_, first) = await app.VerifyAsync((await app.SignInAsync(browser)).Text("id_token"));
        clock.Advance(TimeSpan.FromMinutes(10));

        var silent = await browser.GetAsync(app.AuthorizeUrl(("prompt", "none"), ("max_age", "60")), CancellationToken.None);
        var (_, tokens) = await app.RedeemAsync(await app.CodeAsync(browser, ("max_age", "60")));

        Assert.Equal("login_required", QueryHelpers.ParseQuery(silent.Url.Query)["error"]);
        var (_, second) = await app.VerifyAsync(tokens.Text("id_token"));
        Assert.True(second["auth_time"]!.GetValue<long>() >= first["auth_time"]!.GetValue<long>() + 600);
        Assert.Equal(first.Text("sid"), second.Text("sid"));
    }

    [Fact]
    public async Task Two_providers_on_one_host_name_their_cookies_apart()
    {
        await using var one = await ClientApp.StartAsync();
        await using var other = await DemoProvider.StartAsync(new(), CancellationToken.None);
        using var browser = one.NewBrowser();

        await one.CodeAsync(browser);

        Assert.All(
            browser.Cookies.Names(new Uri(one.Provider.Issuer)),
            name => Assert.DoesNotContain($"-{new Uri(other.Issuer).Port}-", name, StringComparison.Ordinal));
        Assert.NotEmpty(browser.Cookies.Names(new Uri(one.Provider.Issuer)));
    }
}
