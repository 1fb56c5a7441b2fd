using Microsoft.Playwright;

namespace OrgGateway.Tests.Servers;

/// <summary>Debian's Chromium, driven by Playwright; nothing is downloaded. Each page is its own profile.</summary>
public sealed class Browser : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";
    // No sandbox: the tests may run as root. The rest keeps the browser from calling home, which a closed network refuses.
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        if (!File.Exists(Chromium)) throw new InvalidOperationException($"{Chromium} is missing: tests/run installs it");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = Arguments, Headless = true });
    }

    /// <summary>A page with a profile (cookies, storage) of its own; further tabs of it come from <c>page.Context.NewPageAsync()</c>.</summary>
    public async Task<IPage> NewPageAsync(BrowserNewContextOptions? options = null)
    {
        var profile = await _browser!.NewContextAsync(options ?? new() { IgnoreHTTPSErrors = true, Locale = "en-US" });
        profile.SetDefaultTimeout(15_000);
        return await profile.NewPageAsync();
    }

    /// <summary>
    /// Waits until a page stands at an address that begins so. Asked again and again: Playwright's own wait looks once and then waits
    /// for the next navigation, and has waited in vain for one that ended between the two.
    /// </summary>
    public static Task ArrivesAsync(IPage page, string start) =>
        Wait.UntilAsync(() => page.Url.StartsWith(start, StringComparison.Ordinal), TimeSpan.FromSeconds(30), $"the page arrives at {start}");

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.CloseAsync();
        _playwright?.Dispose();
    }
}
