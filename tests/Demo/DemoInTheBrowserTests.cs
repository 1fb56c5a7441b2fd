using Microsoft.Playwright;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Demo;

/// <summary>The command of the README and a person at a browser: the whole of the product's main job.</summary>
[Collection(nameof(DemoPorts))]
public sealed class DemoInTheBrowserTests(Browser browser) : IClassFixture<Browser>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private const string Origin = "http://localhost:8080";

    [Fact]
    public async Task Alice_signs_in_opens_two_organizations_with_live_sockets_is_refused_a_third_and_signs_out()
    {
        await using var demo = ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "OrgGateway.Demo.dll")]);
        await demo.WaitForLineAsync(line => line.Contains("Ctrl+C", StringComparison.Ordinal), Bound, "the demo starts");
        var acme = await browser.NewPageAsync();

        await acme.GotoAsync(Origin + "/orgs/acme/live");
        Assert.StartsWith("http://localhost:8090/", acme.Url, StringComparison.Ordinal);
        await acme.FillAsync("input[name=email]", "alice@acme.test");
        await acme.FillAsync("input[name=password]", "demo");
        await acme.ClickAsync("button[type=submit], button:not([type])");
        await Browser.ArrivesAsync(acme, Origin + "/orgs/acme/live");
        var globex = await acme.Context.NewPageAsync();
        await globex.GotoAsync(Origin + "/orgs/globex/live");

        // Both sockets at once, on one cookie, each with the organization of its own URL.
        await LiveAsync(acme, "acme");
        await LiveAsync(globex, "globex");
        await LiveAsync(acme, "acme");

        var refused = await globex.GotoAsync(Origin + "/orgs/initech/");
        Assert.Equal(403, refused!.Status);

        await globex.GotoAsync(Origin + "/auth/logout");
        Assert.StartsWith(Origin + "/auth/signed-out", globex.Url, StringComparison.Ordinal);
        await acme.GotoAsync(Origin + "/orgs/acme/");
        Assert.StartsWith("http://localhost:8090/", acme.Url, StringComparison.Ordinal);
        await acme.Context.CloseAsync();
    }

    private static async Task LiveAsync(IPage page, string slug)
    {
        await page.WaitForFunctionAsync("slug => document.querySelector('#socket-state').textContent.startsWith('open') && document.querySelector('#socket-org').textContent === slug", slug);
        var before = await CountAsync(page);
        await Wait.UntilAsync(async () => await CountAsync(page) > before, Bound, $"messages of {slug}");
        Assert.Equal(slug, await page.TextContentAsync("#socket-org"));
    }

    private static async Task<int> CountAsync(IPage page) => int.TryParse(await page.TextContentAsync("#socket-count"), out var count) ? count : 0;
}

/// <summary>The demo's addresses are fixed: nobody else may use them meanwhile.</summary>
[CollectionDefinition(nameof(DemoPorts), DisableParallelization = true)]
public sealed class DemoPorts;
