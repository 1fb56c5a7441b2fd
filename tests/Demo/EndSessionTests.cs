using Microsoft.AspNetCore.WebUtilities;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Demo;

public sealed class EndSessionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_sign_out_with_a_hint_ends_the_session_tells_the_client_and_comes_back()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();
        var idToken = (await app.SignInAsync(browser)).Text("id_token");

        var end = await browser.GetAsync(Url(app, ("id_token_hint", idToken), ("state", "out & about")), CancellationToken.None);

        Assert.Equal("bye", end.Body);
        Assert.Equal("out & about", QueryHelpers.ParseQuery(end.Url.Query)["state"]);
        var (_, signedIn) = await app.VerifyAsync(idToken);
        var (header, logout) = await app.VerifyAsync(await app.LogoutTokens.ReadAsync().AsTask().WaitAsync(Patience));
        Assert.Equal("logout+jwt", header.Text("typ"));
        Assert.Equal(
            (app.Provider.Issuer, "client", "u-alice", signedIn.Text("sid")),
            (logout.Text("iss"), logout.Text("aud"), logout.Text("sub"), logout.Text("sid")));
        Assert.NotNull(logout["events"]!["http://schemas.openid.net/event/backchannel-logout"]);
        Assert.All(new[] { "jti", "iat", "exp" }, claim => Assert.NotNull(logout[claim]));
        Assert.Null(logout["nonce"]);
        var next = await browser.GetAsync(app.AuthorizeUrl(("prompt", "none")), CancellationToken.None);
        Assert.Equal("login_required", QueryHelpers.ParseQuery(next.Url.Query)["error"]);
    }

    [Fact]
    public async Task Without_a_hint_the_person_is_asked_first()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();
        await app.SignInAsync(browser);

        var question = await browser.GetAsync(Url(app, ("client_id", "client")), CancellationToken.None);
        var silent = await browser.GetAsync(app.AuthorizeUrl(("prompt", "none")), CancellationToken.None);
        var end = await browser.SubmitAsync(
            question, Assert.Single(BrowserForm.In(question)), new Dictionary<string, string>(), CancellationToken.None);

        Assert.Contains("code", QueryHelpers.ParseQuery(silent.Url.Query).Keys);
        Assert.Equal("bye", end.Body);
        Assert.Equal(1, app.Provider.Counters.LogoutTokensDelivered.Value);
    }

    [Fact]
    public async Task An_address_that_is_not_registered_is_never_gone_to_and_ends_nothing()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();
        var idToken = (await app.SignInAsync(browser)).Text("id_token");

        var end = await browser.GetAsync(
            Url(app, ("id_token_hint", idToken), ("post_logout_redirect_uri", "http://elsewhere.test/")), CancellationToken.None);

        Assert.Equal(400, end.Status);
        Assert.Single(end.Hops);
        Assert.Equal(0, app.Provider.Counters.LogoutTokensDelivered.Value);
    }

    [Fact]
    public async Task A_hint_of_another_client_or_of_nobody_is_refused()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();
        var tokens = await app.SignInAsync(browser);
        var (idToken, accessToken) = (tokens.Text("id_token"), tokens.Text("access_token"));

        var other = await browser.GetAsync(Url(app, ("id_token_hint", idToken), ("client_id", "gateway")), CancellationToken.None);
        var forged = await browser.GetAsync(Url(app, ("id_token_hint", $"{idToken}x")), CancellationToken.None);
        var wrongKind = await browser.GetAsync(Url(app, ("id_token_hint", accessToken)), CancellationToken.None);

        Assert.Equal((400, 400, 400), (other.Status, forged.Status, wrongKind.Status));
    }

    [Fact]
    public async Task The_provider_can_end_a_persons_sessions_by_itself()
    {
        await using var app = await ClientApp.StartAsync();
        using var laptop = app.NewBrowser();
        using var phone = app.NewBrowser();
        await app.SignInAsync(laptop);
        await app.SignInAsync(phone);

        await app.Provider.EndSessionsAsync("u-alice", CancellationToken.None);

        Assert.Equal(2, app.Provider.Counters.LogoutTokensDelivered.Value);
    }

    private static string Url(ClientApp app, params (string Name, string Value)[] parameters)
    {
        var query = parameters.ToDictionary(parameter => parameter.Name, parameter => (string?)parameter.Value);
        query.TryAdd("post_logout_redirect_uri", app.Client.PostLogoutRedirectUris[0]);
        return QueryHelpers.AddQueryString($"{app.Provider.Issuer}/end-session", query);
    }
}
