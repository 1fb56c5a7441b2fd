using System.Web;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>A login stopped on the way: the browser began it and holds the provider's answer, but has not brought it back yet.</summary>
public sealed record PendingLogin(DemoBrowser Browser, Uri Authorize, Uri Callback)
{
    public string State => Of(Authorize, "state");

    /// <summary>Begins a login as a person whom the provider knows already, and who has no session at the gateway.</summary>
    public static async Task<PendingLogin> BeginAsync(GatewayStack stack, string email = "alice@acme.test", string login = "/auth/login?next=/me?from=login")
    {
        var browser = await stack.SignedInAsync(email);
        browser.Cookies.Clear(stack.Url);
        return await BeginAsync(browser, login);
    }

    public static async Task<PendingLogin> BeginAsync(DemoBrowser browser, string login)
    {
        var begun = await browser.GetOneAsync(login, CancellationToken.None);
        Assert.Equal(302, begun.Status);
        var authorize = begun.Hops[0].Location!;
        var answered = await browser.GetOneAsync(authorize.AbsoluteUri, CancellationToken.None);
        return new(browser, authorize, answered.Hops[0].Location!);
    }

    /// <summary>The callback with parameters put in place of its own; null removes one.</summary>
    public string CallbackWith(params (string Name, string? Value)[] changes)
    {
        var query = HttpUtility.ParseQueryString(Callback.Query);
        foreach (var (name, value) in changes)
        {
            if (value is null)
                query.Remove(name);
            else
                query[name] = value;
        }
        return Callback.AbsolutePath + "?" + query;
    }

    public Task<BrowserVisit> ReturnAsync() => ReturnAsync(Callback.PathAndQuery);

    /// <summary>Opens a callback in this browser and stops at the gateway's answer.</summary>
    public Task<BrowserVisit> ReturnAsync(string callback) => Browser.GetOneAsync(callback, CancellationToken.None);

    public static string Of(Uri url, string parameter) => HttpUtility.ParseQueryString(url.Query)[parameter] ?? "";
}
