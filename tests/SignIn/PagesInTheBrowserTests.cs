using Microsoft.Playwright;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>The pages in a real browser, with scripts off and on, in light and dark.</summary>
public sealed class PagesInTheBrowserTests(BrandedServers servers, Browser browser) : IClassFixture<BrandedServers>, IClassFixture<Browser>
{
    // Text and what is behind it, of everything with text of its own: WCAG 2.2 §1.4.3 wants 4.5 for small text.
    internal const string WorstContrast = """
        () => {
          const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
          const numbers = c => c.match(/[\d.]+/g).map(Number);
          const luminance = c => { const [r, g, b] = numbers(c); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
          const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor, n = numbers(c); if (n.length < 4 || n[3] > 0) return c; } return 'rgb(255,255,255)'; };
          let worst = 21;
          for (const e of document.querySelectorAll('body *')) {
            if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
            const [a, b] = [luminance(getComputedStyle(e).color), luminance(behind(e))].sort((x, y) => y - x);
            worst = Math.min(worst, (a + 0.05) / (b + 0.05));
          }
          return worst;
        }
        """;

    private GatewayStack Stack => servers.Stack;

    [Fact]
    [Trait("Row", "S27")]
    public async Task Signing_in_by_work_address_choosing_an_organization_and_signing_out_need_no_script()
    {
        var page = await browser.NewPageAsync(new() { JavaScriptEnabled = false, Locale = "en-US" });
        await page.GotoAsync(Stack.Origin + "/auth/sign-in?next=/auth/select-org");
        await page.GetByLabel("Work e-mail").FillAsync("alice@acme.test");
        await page.GetByLabel("Work e-mail").PressAsync("Enter");
        await Browser.ArrivesAsync(page, Stack.Provider.Issuer + "/");
        await page.FillAsync("input[name=email]", "alice@acme.test");
        await page.FillAsync("input[name=password]", "demo");
        await page.Keyboard.PressAsync("Enter");
        await Browser.ArrivesAsync(page, Stack.Origin + "/");
        await page.GotoAsync(Stack.Origin + "/auth/logout");
        await Browser.ArrivesAsync(page, Stack.Origin + "/auth/signed-out");
        Assert.Equal("You are signed out", await page.TextContentAsync("h1"));
        await page.Context.CloseAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Each_page_is_readable_labelled_and_free_of_refused_resources(ColorScheme scheme)
    {
        var page = await browser.NewPageAsync(new() { ColorScheme = scheme, Locale = "en-US", ViewportSize = new() { Width = 900, Height = 620 } });
        var complaints = new List<string>();
        // A page that answers 4xx is told of too; what the policy refused is what counts.
        page.Console += (_, message) => { if (message.Type == "error" && !message.Text.Contains("Failed to load resource", StringComparison.Ordinal)) complaints.Add(message.Text); };
        await SignInAsync(page, "carol@initech.test");
        foreach (var (name, path) in new[]
        {
            ("sign-in", "/auth/sign-in?next=/orgs/acme/"), ("sign-in-error", "/auth/sign-in?email=nobody"), ("select-org", "/auth/select-org"),
            ("error", "/auth/error?error=access_denied&error_description=The+person+said+no.&reference=0HNH3TQ1S2&next=/orgs/acme/"), ("signed-out", "/auth/signed-out"),
            ("not-a-member", "/orgs/nowhere/docs"),
        })
        {
            await page.GotoAsync(Stack.Origin + path);
            Assert.Equal("en", await page.GetAttributeAsync("html", "lang"));
            Assert.Equal(1, await page.Locator("h1").CountAsync());
            Assert.Equal(1, await page.Locator("main").CountAsync());
            Assert.Contains((await page.TextContentAsync("h1"))!, await page.TitleAsync(), StringComparison.Ordinal);
            foreach (var input in await page.Locator("input:not([type=hidden])").AllAsync())
                Assert.Equal(1, await page.Locator($"label[for={await input.GetAttributeAsync("id")}]").CountAsync());
            Assert.True(await page.EvaluateAsync<double>(WorstContrast) >= 4.5, $"{name}, {scheme}: contrast");
            await page.Keyboard.PressAsync("Tab");
            Assert.NotEqual("none", await page.EvaluateAsync<string>("() => getComputedStyle(document.activeElement).outlineStyle"));
            Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{name} fits its window");
            if (Environment.GetEnvironmentVariable("ORGGATEWAY_SCREENSHOTS") is { Length: > 0 } folder)
            {
                await page.EvaluateAsync("() => document.activeElement.blur()");
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{scheme.ToString().ToLowerInvariant()}.png") });
            }
        }
        await page.SetViewportSizeAsync(320, 560);
        await page.GotoAsync(Stack.Origin + "/auth/select-org");
        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), "a narrow window needs no sideways scrolling");
        Assert.Empty(complaints);
        await page.Context.CloseAsync();
    }

    private async Task SignInAsync(IPage page, string email)
    {
        await page.GotoAsync(Stack.Origin + "/me");
        await page.FillAsync("input[name=email]", email);
        await page.FillAsync("input[name=password]", "demo");
        await page.Keyboard.PressAsync("Enter");
        await Browser.ArrivesAsync(page, Stack.Origin + "/me");
    }
}
