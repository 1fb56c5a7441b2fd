using System.Text.Json.Nodes;
using OrgGateway.Demo.IdentityProvider;

namespace OrgGateway.Tests.Demo;

public sealed class RefreshTests
{
    [Fact]
    public async Task Each_refresh_token_is_good_for_one_refresh()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();
        var first = await app.SignInAsync(browser);

        var (secondStatus, second) = await app.RefreshAsync(first.Text("refresh_token"));
        var (thirdStatus, third) = await app.RefreshAsync(second.Text("refresh_token"));

        Assert.Equal((200, 200), (secondStatus, thirdStatus));
        Assert.NotEqual(first.Text("access_token"), third.Text("access_token"));
        var (_, before) = await app.VerifyAsync(first.Text("id_token"));
        var (_, after) = await app.VerifyAsync(third.Text("id_token"));
        Assert.Equal(before.Text("sid"), after.Text("sid"));
        Assert.Equal(before["auth_time"]!.GetValue<long>(), after["auth_time"]!.GetValue<long>());
        Assert.Null(after["nonce"]);
        Assert.Equal(2, app.Provider.Counters.Refreshes.Value);
    }

    [Fact]
    public async Task A_refresh_token_used_twice_ends_the_whole_grant()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();
        var first = await app.SignInAsync(browser);
        var (_, second) = await app.RefreshAsync(first.Text("refresh_token"));

        var (status, body) = await app.RefreshAsync(first.Text("refresh_token"));

        Assert.Equal((400, "invalid_grant"), (status, body.Text("error")));
        Assert.Equal(400, (await app.RefreshAsync(second.Text("refresh_token"))).Status);
        Assert.Equal(401, (await app.UserInfoAsync(second.Text("access_token"))).Status);
        Assert.Equal(1, app.Provider.Counters.ReuseDetections.Value);
    }

    [Fact]
    public async Task Of_many_refreshes_at_once_one_gets_through()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();
        var tokens = await app.SignInAsync(browser);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.RefreshAsync(tokens.Text("refresh_token"))));

        Assert.Single(answers, answer => answer.Status == 200);
    }

    [Fact]
    public async Task Without_offline_access_there_is_no_refresh_token()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();

        var (_, tokens) = await app.RedeemAsync(await app.CodeAsync(browser, ("scope", "openid email")));

        Assert.Null(tokens["refresh_token"]);
        Assert.Null((await app.VerifyAsync(tokens.Text("id_token"))).Claims["name"]);
    }

    [Fact]
    public async Task A_refresh_brings_the_memberships_of_now()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();
        var tokens = await app.SignInAsync(browser);
        var alice = DemoDirectory.Users[0];

        app.Provider.Put(alice with { Memberships = [alice.Memberships[1]] });
        var (_, refreshed) = await app.RefreshAsync(tokens.Text("refresh_token"));

        var organizations = (await app.VerifyAsync(refreshed.Text("id_token"))).Claims["organizations"]!.AsObject();
        Assert.Equal(["org_globex"], organizations.Select(organization => organization.Key));
        var userInfo = JsonNode.Parse((await app.UserInfoAsync(refreshed.Text("access_token"))).Body)!;
        Assert.Equal(["org_globex"], userInfo["organizations"]!.AsObject().Select(organization => organization.Key));
    }

    [Fact]
    public async Task A_revoked_grant_refreshes_no_more()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();
        var tokens = await app.SignInAsync(browser);

        app.Provider.RevokeGrants("u-alice");

        Assert.Equal(400, (await app.RefreshAsync(tokens.Text("refresh_token"))).Status);
        Assert.Equal(401, (await app.UserInfoAsync(tokens.Text("access_token"))).Status);
    }
}
