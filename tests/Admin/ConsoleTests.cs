using System.Net;
using Microsoft.Playwright;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Admin;

/// <summary>The console in Chromium: sign in, look, revoke, explain, sign out, without any script.</summary>
public sealed class ConsoleTests(AdminServers servers, Browser browser) : IClassFixture<AdminServers>, IClassFixture<Browser>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private string Console => servers.Stack.Gateway.ManagementUrl.GetLeftPart(UriPartial.Authority);

    [Fact]
    public async Task An_operator_signs_in_looks_and_revokes()
    {
        using var alice = await servers.Stack.SignedInAsync("alice@acme.test");
        using (var refused = await alice.SendAsync(new(HttpMethod.Get, "/orgs/initech/api/echo"), CancellationToken.None))
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        var page = await browser.NewPageAsync(new() { JavaScriptEnabled = false, Locale = "en-US", ViewportSize = new() { Width = 1280, Height = 720 } });
        var faults = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && !message.Text.Contains("401", StringComparison.Ordinal))
                faults.Add(message.Text);
        };

        await page.GotoAsync(Console + "/");
        await page.FillAsync("input[name=token]", "not the token at all");
        await page.ClickAsync("button");
        Assert.Contains("That is not the management token", await page.TextContentAsync("[role=alert]"));
        await page.FillAsync("input[name=token]", AdminServers.Token);
        await page.ClickAsync("button");
        Assert.Equal("Overview", await page.TextContentAsync("h1"));
        await ShootAsync(page, "console-overview");

        await page.ClickAsync("nav >> text=Sessions");
        await page.FillAsync("input[name=user]", "alice@acme.test");
        await page.ClickAsync("main button >> text=Show");
        Assert.Contains("u-alice", await page.TextContentAsync("tbody"));
        await ShootAsync(page, "console-sessions");
        await page.ClickAsync("tbody button");
        Assert.Contains("Done: 1 session(s)", await page.TextContentAsync("[role=status]"));
        using var client = new CookieClient();
        await Wait.UntilAsync(async () => await client.StatusAsync(servers.Replica.Url, "/me", servers.Stack.SessionOf(alice)) == HttpStatusCode.Unauthorized, Bound, "the session ends on the other replica");

        await page.ClickAsync("nav >> text=Routes");
        Assert.Contains("/orgs/{org}/admin/{**rest}", await page.TextContentAsync("tbody"));
        await ShootAsync(page, "console-routes");
        await page.ClickAsync("nav >> text=Explain");
        await page.FillAsync("input[name=path]", "/orgs/acme/admin/users");
        await page.ClickAsync("main button >> text=Explain");
        Assert.Contains("administration", await page.TextContentAsync("tbody"));
        await ShootAsync(page, "console-explain");
        await page.ClickAsync("nav >> text=Organization tokens");
        await page.ClickAsync("tr:has-text(\"acme\") button");
        Assert.Contains("acme has a new token", await page.TextContentAsync("[role=status]"));

        Assert.Empty(faults); // of the content security policy, for one
        await page.ClickAsync("text=Sign out");
        Assert.True(await page.IsVisibleAsync("input[name=token]"));
        await page.GotoAsync(Console + "/console/sessions");
        Assert.True(await page.IsVisibleAsync("input[name=token]"));
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Its_pages_are_readable_and_one_that_is_stopped_shows_what_it_showed(ColorScheme scheme)
    {
        using var alice = await servers.Stack.SignedInAsync("alice@acme.test");
        var page = await browser.NewPageAsync(new() { ColorScheme = scheme, Locale = "en-US" });
        await page.GotoAsync(Console + "/");
        await page.FillAsync("input[name=token]", AdminServers.Token);
        await page.ClickAsync("button");
        foreach (var path in new[] { "", "sessions", "sockets", "organizations", "org-tokens", "routes", "api-keys", "explain" })
        {
            await page.GotoAsync($"{Console}/console/{path}");
            Assert.True(await page.EvaluateAsync<double>(SignIn.PagesInTheBrowserTests.WorstContrast) >= 4.5, $"{path}, {scheme}: contrast");
        }

        await page.GotoAsync(Console + "/console/sessions?user=alice%40acme.test&said=Done");
        await page.ClickAsync("text=Stop refreshing");
        Assert.Equal("/console/sessions?user=alice@acme.test&refresh=off", new Uri(page.Url).PathAndQuery);
        Assert.Contains("u-alice", await page.TextContentAsync("tbody"));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_form_of_another_page_does_nothing()
    {
        using var operators = new DemoBrowser(servers.Stack.Gateway.ManagementUrl);
        var page = await operators.GetAsync("/", CancellationToken.None);
        Assert.Equal(401, page.Status);
        var signedIn = await operators.SubmitAsync(page, BrowserForm.In(page)[0], new Dictionary<string, string> { ["token"] = AdminServers.Token }, CancellationToken.None);
        Assert.Equal(200, signedIn.Status);
        foreach (var (form, origin) in new[] { ("", null), ("forged", null), ("", "https://evil.example") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/console/sessions/do/user") { Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["form"] = form, ["user"] = "u-dave", ["org"] = "" }) };
            if (origin is not null)
                request.Headers.Add("Origin", origin);
            using var answer = await operators.SendAsync(request, CancellationToken.None);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    // Pictures of the README are taken where a folder is named for them; a test run leaves the repository as it is.
    private static async Task ShootAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = false });
    }
}
