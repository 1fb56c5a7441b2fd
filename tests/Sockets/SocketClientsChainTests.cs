using Microsoft.Playwright;
using OrgGateway.Demo.Upstream;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sockets;

/// <summary>The clients that people use: a browser with many tabs, and the WebSocket package of Node.js.</summary>
public sealed class SocketClientsChainTests(Browser browser) : IClassFixture<Browser>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact, Trait("Row", "C18"), Trait("Row", "P1"), Trait("Row", "C9"), Trait("Row", "C11"), Trait("Row", "C23")]
    public async Task Two_and_ten_tabs_stay_with_their_organizations_until_the_sign_out_and_Nodes_client_reads_the_code()
    {
        await using var upstream = await DemoUpstream.StartAsync("http://localhost:0", CancellationToken.None);
        await using var stack = await GatewayStack.StartAsync(new()
        {
            Configure = (_, configuration) => configuration["ReverseProxy"]!["Clusters"]!["app"]!["Destinations"]!["a"]!["Address"] = upstream.Url.ToString(),
        });
        var first = await browser.NewPageAsync();
        await first.GotoAsync(stack.Origin + "/orgs/acme/live");
        await first.FillAsync("input[name=email]", "alice@acme.test");
        await first.FillAsync("input[name=password]", "demo");
        await first.ClickAsync("button[type=submit], button:not([type])");
        await Browser.ArrivesAsync(first, stack.Origin + "/orgs/acme/live");
        var tabs = new List<(string Org, IPage Page)> { ("acme", first) };
        for (var i = 1; i < 10; i++)
        {
            var org = i % 2 == 0 ? "acme" : "globex";
            var page = await first.Context.NewPageAsync();
            await page.GotoAsync($"{stack.Origin}/orgs/{org}/live");
            tabs.Add((org, page));
            if (i == 1)
                await AllLiveAsync(tabs);
        }
        await AllLiveAsync(tabs);
        var cookie = (await first.Context.CookiesAsync()).Single(c => c.Name == "orggw");
        await using var node = Node(stack, $"orggw={cookie.Value}");
        await node.WaitForLineAsync(line => line.Contains("\"open\":true", StringComparison.Ordinal), Bound, "Node's socket opens");

        await first.EvaluateAsync("fetch('/auth/logout', { method: 'POST' })");

        foreach (var (_, page) in tabs)
            await page.WaitForFunctionAsync("() => document.querySelector('#socket-state').textContent === 'closed 4401'");
        await node.WaitForLineAsync(line => line.Contains("\"close\":4401", StringComparison.Ordinal), Bound, "Node's socket reads the code");
        await using var refused = Node(stack, $"orggw={cookie.Value}");
        await refused.WaitForLineAsync(line => line.Contains("\"refused\":401", StringComparison.Ordinal), Bound, "Node's next socket is refused");

        using var bob = await stack.SignedInAsync("bob@globex.test");
        await using var draining = Node(stack, "orggw=" + stack.SessionOf(bob), "globex");
        await draining.WaitForLineAsync(line => line.Contains("\"open\":true", StringComparison.Ordinal), Bound, "bob's socket opens");
        stack.Gateway.Terminate();
        await draining.WaitForLineAsync(line => line.Contains("\"close\":1012", StringComparison.Ordinal), Bound, "bob's socket reads the restart");
        Assert.Equal(0, await stack.Gateway.WaitForExitAsync(Bound));
        await first.Context.CloseAsync();
    }

    private static ChildProcess Node(GatewayStack stack, string cookie, string org = "acme") => ChildProcess.Start(
        "node", ["socket-client.mjs", $"ws://{stack.Url.Authority}/orgs/{org}/live", cookie, stack.Origin], Repository.PathOf("tests/providers"));

    private static async Task AllLiveAsync(List<(string Org, IPage Page)> tabs)
    {
        foreach (var (org, page) in tabs)
        {
            await page.WaitForFunctionAsync("slug => document.querySelector('#socket-state').textContent.startsWith('open') && document.querySelector('#socket-org').textContent === slug", org);
            Assert.Equal(org, await page.TextContentAsync("#socket-org"));
        }
    }
}
