using System.Text.Json;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Oidc;

public sealed class UserInfoClientTests(HostileProvider op) : IClassFixture<HostileProvider>, IAsyncLifetime
{
    public Task InitializeAsync()
    {
        (op.UserInfo.Answer, op.ChangeUserInfo, op.ChangeMetadata) = (null, null, null);
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact, Trait("Row", "O50")]
    public async Task The_token_goes_in_the_header_alone_and_the_same_subject_is_believed()
    {
        using var rp = new RelyingParty(op);

        var claims = await AskAsync(rp);

        Assert.Equal("alice@acme.test", claims?.GetProperty("email").GetString());
        var request = op.UserInfo.LastRequest;
        Assert.Equal(("GET", "", "Bearer " + HostileProvider.AccessToken), (request.Method, request.Query, request.Authorization));
        Assert.Empty(request.Form);
    }

    [Theory, Trait("Row", "O50")]
    [InlineData("bob")]
    [InlineData("Alice")]
    [InlineData("alice ")]
    [InlineData("")]
    [InlineData(null)]
    public async Task All_of_an_answer_about_somebody_else_is_discarded(string? sub)
    {
        op.ChangeUserInfo = claims => claims["sub"] = sub;
        using var rp = new RelyingParty(op);

        Assert.Null(await AskAsync(rp));
        Assert.Equal(1, rp.Logs.Count("UserInfoDiscarded"));

        op.ChangeUserInfo = claims => claims.Remove("sub");
        Assert.Null(await AskAsync(rp));
    }

    [Fact, Trait("Row", "O52")]
    public async Task Without_a_subject_to_compare_with_nobody_is_asked()
    {
        op.ChangeUserInfo = claims => claims["sub"] = "";
        using var rp = new RelyingParty(op);
        var hits = op.UserInfo.Hits;

        Assert.Null(await rp.UserInfo.GetAsync(rp.Provider, HostileProvider.AccessToken, null, "", CancellationToken.None));
        Assert.Equal(hits, op.UserInfo.Hits);
    }

    [Theory]
    [InlineData("{\"sub\":\"alice\"}", "application/jwt", 200)]
    [InlineData("{\"sub\":\"alice\"}", "text/html", 200)]
    [InlineData("[\"alice\"]", "application/json", 200)]
    [InlineData("{\"sub\":\"bob\",\"sub\":\"alice\"}", "application/json", 200)]
    [InlineData("{\"sub\":\"alice\"}", "application/json", 401)]
    [InlineData("{\"sub\":\"alice\"}", "application/json", 500)]
    public async Task What_is_not_a_plain_success_counts_for_nothing(string body, string contentType, int status)
    {
        op.UserInfo.Answer = HostileAnswers.Text(body, contentType, status);
        using var rp = new RelyingParty(op);
        Assert.Null(await AskAsync(rp));
    }

    [Fact]
    public async Task Switched_off_or_without_an_endpoint_nobody_is_asked()
    {
        var hits = op.UserInfo.Hits;
        using var off = new RelyingParty(op, ("UserInfo", "Off"));
        Assert.Null(await AskAsync(off));
        op.ChangeMetadata = document => document.Remove("userinfo_endpoint");
        using var without = new RelyingParty(op);
        Assert.Null(await AskAsync(without));
        Assert.Equal(hits, op.UserInfo.Hits);
    }

    private static Task<JsonElement?> AskAsync(RelyingParty rp) =>
        rp.UserInfo.GetAsync(rp.Provider, HostileProvider.AccessToken, null, HostileProvider.Subject, CancellationToken.None);
}
