namespace OrgGateway.Tests.Demo;

public sealed class ClientCredentialsTests
{
    [Theory]
    [InlineData("acme")]
    [InlineData("globex")]
    [InlineData("initech")]
    public async Task An_organizations_client_gets_a_token_of_that_organization(string slug)
    {
        await using var app = await ClientApp.StartAsync();

        var (status, body) = await app.PostTokenAsync(
            null, ("grant_type", "client_credentials"), ("client_id", slug), ("client_secret", $"{slug}-demo-secret"), ("scope", "api"));

        Assert.Equal(200, status);
        Assert.Null(body["refresh_token"]);
        var (header, claims) = await app.VerifyAsync(body.Text("access_token"));
        Assert.Equal(
            ("at+jwt", $"org_{slug}", slug, "demo-api"),
            (header.Text("typ"), claims.Text("org_id"), claims.Text("client_id"), claims.Text("aud")));
        Assert.Equal(401, (await app.UserInfoAsync(body.Text("access_token"))).Status);
        Assert.Equal(1, app.Provider.Counters.ClientCredentialsGrants.Value);
    }

    [Fact]
    public async Task A_client_gets_only_the_grants_it_is_registered_for()
    {
        await using var app = await ClientApp.StartAsync();

        var (status, body) = await app.TokenAsync(("grant_type", "client_credentials"));

        Assert.Equal((400, "unauthorized_client"), (status, body.Text("error")));
    }
}
