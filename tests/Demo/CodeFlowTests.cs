using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Demo;

public sealed class CodeFlowTests
{
    [Fact]
    public async Task A_sign_in_with_the_form_ends_in_tokens_that_verify()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();

        var end = await browser.SignInAsync(app.AuthorizeUrl(), "alice@acme.test", CancellationToken.None);

        Assert.Equal("called back", end.Body);
        var answer = QueryHelpers.ParseQuery(end.Url.Query);
        Assert.Equal("the state", answer["state"]);
        Assert.Equal(app.Provider.Issuer, answer["iss"]);
        var (status, tokens) = await app.RedeemAsync(answer["code"]!);
        Assert.Equal(200, status);
        var (header, id) = await app.VerifyAsync(tokens.Text("id_token"));
        Assert.Equal("RS256", header.Text("alg"));
        Assert.Equal(
            (app.Provider.Issuer, "client", "u-alice", "the nonce"), (id.Text("iss"), id.Text("aud"), id.Text("sub"), id.Text("nonce")));
        Assert.Equal(("alice@acme.test", true), (id.Text("email"), id["email_verified"]!.GetValue<bool>()));
        Assert.NotNull(id["auth_time"]);
        Assert.NotNull(id["sid"]);
        Assert.Equal(
            """{"slug":"acme","name":"Acme Ltd","roles":["admin"],"permissions":[]}""", id["organizations"]!["org_acme"]!.ToJsonString());
        Assert.Equal("viewer", id["organizations"]!["org_globex"]!["roles"]![0]!.GetValue<string>());
        var hash = SHA256.HashData(Encoding.ASCII.GetBytes(tokens.Text("access_token")));
        Assert.Equal(Base64Url.EncodeToString(hash.AsSpan(0, 16)), id.Text("at_hash"));
        var (accessHeader, access) = await app.VerifyAsync(tokens.Text("access_token"));
        Assert.Equal(("at+jwt", "demo-api", "u-alice"), (accessHeader.Text("typ"), access.Text("aud"), access.Text("sub")));
        var (userInfoStatus, userInfo) = await app.UserInfoAsync(tokens.Text("access_token"));
        Assert.Equal(200, userInfoStatus);
        Assert.True(JsonNode.DeepEquals(id["organizations"], JsonNode.Parse(userInfo)!["organizations"]));
    }

    [Theory]
    [InlineData("code_challenge", null, "invalid_request")]
    [InlineData("code_challenge_method", null, "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("scope", "profile", "invalid_scope")]
    [InlineData("prompt", "none login", "invalid_request")]
    [InlineData("prompt", "none", "login_required")]
    [InlineData("max_age", "soon", "invalid_request")]
    [InlineData("request_uri", "https://elsewhere.test/request", "request_uri_not_supported")]
    public async Task A_faulty_request_goes_back_to_the_client_as_an_error(string parameter, string? value, string error)
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();

        var end = await browser.GetAsync(app.AuthorizeUrl((parameter, value)), CancellationToken.None);

        var answer = QueryHelpers.ParseQuery(end.Url.Query);
        Assert.Equal("/callback", end.Url.AbsolutePath);
        Assert.Equal(error, answer["error"]);
        Assert.Equal("the state", answer["state"]);
        Assert.Equal(app.Provider.Issuer, answer["iss"]);
    }

    [Theory]
    [InlineData("client_id", "<b>stranger</b>")]
    [InlineData("redirect_uri", "http://elsewhere.test/callback")]
    [InlineData("redirect_uri", null)]
    public async Task A_request_of_nobody_known_ends_on_a_page_and_redirects_nowhere(string parameter, string? value)
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();

        var end = await browser.GetAsync(app.AuthorizeUrl((parameter, value)), CancellationToken.None);

        Assert.Equal(400, end.Status);
        Assert.Single(end.Hops);
        Assert.DoesNotContain("<b>", end.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_uri_with_one_more_character_is_another_one()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();

        var end = await browser.GetAsync(app.AuthorizeUrl(("redirect_uri", $"{app.RedirectUri}/")), CancellationToken.None);

        Assert.Equal(400, end.Status);
    }

    [Fact]
    public async Task A_wrong_verifier_gets_nothing_and_costs_the_code()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();
        var code = await app.CodeAsync(browser);

        var (wrongStatus, wrong) = await app.RedeemAsync(code, new string('x', 43));
        var (thenStatus, _) = await app.RedeemAsync(code);

        Assert.Equal((400, "invalid_grant"), (wrongStatus, wrong.Text("error")));
        Assert.Equal(400, thenStatus);
    }

    [Fact]
    public async Task A_code_used_twice_takes_the_first_ones_tokens_with_it()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();
        var code = await app.CodeAsync(browser);
        var (_, tokens) = await app.RedeemAsync(code);
        Assert.Equal(200, (await app.UserInfoAsync(tokens.Text("access_token"))).Status);

        var (status, body) = await app.RedeemAsync(code);

        Assert.Equal((400, "invalid_grant"), (status, body.Text("error")));
        Assert.Equal(401, (await app.UserInfoAsync(tokens.Text("access_token"))).Status);
        Assert.Equal(400, (await app.RefreshAsync(tokens.Text("refresh_token"))).Status);
        Assert.Equal(1, app.Provider.Counters.ReuseDetections.Value);
    }

    [Fact]
    public async Task A_code_lives_for_a_minute()
    {
        var clock = new AdjustableClock();
        await using var app = await ClientApp.StartAsync(new() { Clock = clock }, client => client);
        using var browser = app.NewBrowser();
        var code = await app.CodeAsync(browser);

        clock.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(400, (await app.RedeemAsync(code)).Status);
    }

    [Fact]
    public async Task A_public_client_has_its_verifier_alone()
    {
        await using var app = await ClientApp.StartAsync(new(), client => client with { Secret = null });
        using var browser = app.NewBrowser();

        var tokens = await app.SignInAsync(browser);

        Assert.Equal("u-alice", (await app.VerifyAsync(tokens.Text("id_token"))).Claims.Text("sub"));
    }

    [Fact]
    public async Task A_client_may_put_its_secret_into_the_body_but_not_both_ways_at_once()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();
        (string, string)[] redemption =
        [
            ("grant_type", "authorization_code"), ("code", await app.CodeAsync(browser)), ("redirect_uri", app.RedirectUri),
            ("code_verifier", ClientApp.Verifier), ("client_id", "client"),
        ];

        var (bothStatus, both) = await app.PostTokenAsync("Y2xpZW50Ong=", [.. redemption, ("client_secret", app.Client.Secret!)]);
        var (wrongStatus, wrong) = await app.PostTokenAsync(null, [.. redemption, ("client_secret", "guess")]);
        var (noneStatus, _) = await app.PostTokenAsync(null, redemption);
        var (status, _) = await app.PostTokenAsync(null, [.. redemption, ("client_secret", app.Client.Secret!)]);

        Assert.Equal((400, "invalid_request"), (bothStatus, both.Text("error")));
        Assert.Equal((401, "invalid_client"), (wrongStatus, wrong.Text("error")));
        Assert.Equal(401, noneStatus);
        Assert.Equal(200, status);
    }
}
