using System.Text.Json;
using Microsoft.Playwright;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>A login with <c>prompt=none</c> in a frame of the app's own page, in a real browser.</summary>
public sealed class SilentLoginTests(DemoServers demo, Browser browser) : IClassFixture<DemoServers>, IClassFixture<Browser>
{
    private const string Frame = """
        () => new Promise((resolve, reject) => {
          const frame = document.createElement('iframe');
          frame.hidden = true;
          addEventListener('message', event => resolve({ data: event.data, origin: event.origin }));
          setTimeout(() => reject(new Error('no message')), 12000);
          frame.src = '/auth/login?prompt=none&next=/me';
          document.body.append(frame);
        })
        """;

    private GatewayStack Stack => demo.Stack;

    [Fact]
    [Trait("Row", "O71")]
    [Trait("Row", "O30")]
    public async Task A_frame_tells_its_own_origin_whether_there_is_a_session()
    {
        var page = await browser.NewPageAsync();
        await page.GotoAsync(Stack.Origin + "/");
        Assert.Equal((false, Stack.Origin), await AskAsync(page));

        await page.GotoAsync(Stack.Origin + "/me");
        await page.FillAsync("input[name=email]", "alice@acme.test");
        await page.FillAsync("input[name=password]", "demo");
        await page.Keyboard.PressAsync("Enter");
        await Browser.ArrivesAsync(page, Stack.Origin + "/me");
        var sessions = (await page.Context.CookiesAsync()).Where(cookie => cookie.Name == "orggw").ToList();
        await page.Context.ClearCookiesAsync(new() { Name = "orggw" });
        await page.GotoAsync(Stack.Origin + "/");
        Assert.Equal((true, Stack.Origin), await AskAsync(page));
        var renewed = Assert.Single(await page.Context.CookiesAsync(), cookie => cookie.Name == "orggw");
        Assert.NotEqual(Assert.Single(sessions).Value, renewed.Value);
        await page.Context.CloseAsync();
    }

    [Fact]
    [Trait("Row", "O71")]
    public async Task The_result_page_is_fixed_and_its_policy_lets_only_its_own_script_run()
    {
        using var person = Stack.BrowserFor();
        var plain = await SilentAsync(person);
        Assert.Equal(200, plain.Status);
        Assert.Contains("signedIn:false},location.origin)", plain.Body, StringComparison.Ordinal);
        Assert.Matches("^default-src 'none'; script-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'$", plain.Response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Null(Stack.SessionOf(person));
    }

    [Fact]
    [Trait("Row", "O30")]
    public async Task In_the_window_itself_nobody_signed_in_is_no_error_and_where_it_began_goes_on()
    {
        using var person = Stack.BrowserFor();
        var back = await SilentAsync(person, "/auth/login?prompt=none&next=/x?y=1", isFrame: false);
        Assert.Equal((302, "/x?y=1"), (back.Status, back.Hops[0].Location!.PathAndQuery));
        Assert.Null(Stack.SessionOf(person));

        var needed = await SilentAsync(person, "/auth/login?prompt=none&max_age=0&next=/x", isFrame: false);
        Assert.StartsWith("/auth/error?error=login_required", needed.Hops[0].Location!.PathAndQuery, StringComparison.Ordinal);

        var nowhere = await SilentAsync(person, "/auth/login?prompt=none", isFrame: false);
        Assert.Contains("signedIn:false},location.origin)", nowhere.Body, StringComparison.Ordinal);
    }

    private static async Task<BrowserVisit> SilentAsync(DemoBrowser person, string url = "/auth/login?prompt=none&next=/x", bool isFrame = true)
    {
        using var begin = new HttpRequestMessage(HttpMethod.Get, url);
        if (isFrame)
        {
            begin.Headers.Add("Sec-Fetch-Mode", "navigate");
            begin.Headers.Add("Sec-Fetch-Dest", "iframe");
            begin.Headers.Add("Sec-Fetch-Site", "same-origin");
        }
        using var begun = await person.SendAsync(begin, CancellationToken.None);
        var callback = (await person.GetOneAsync(begun.Headers.Location!.AbsoluteUri, CancellationToken.None)).Hops[0].Location!;
        return await person.GetOneAsync(callback.PathAndQuery, CancellationToken.None);
    }

    private static async Task<(bool SignedIn, string Origin)> AskAsync(IPage page)
    {
        var told = await page.EvaluateAsync<JsonElement>(Frame);
        Assert.Equal("orggateway.silent-login", told.GetProperty("data").GetProperty("type").GetString());
        return (told.GetProperty("data").GetProperty("signedIn").GetBoolean(), told.GetProperty("origin").GetString()!);
    }
}
