using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conformance;

/// <summary>UserInfo as a JWT: verified before a claim of it counts.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class SignedUserInfoTests(ConformanceServers servers)
{
    private HostileProvider Provider => servers.Provider("signed");

    [Fact, Trait("Row", "O101"), Trait("Row", "O51")]
    public async Task Userinfo_signed() => Assert.Equal("alice@acme.test", await EmailAsync(_ => { }));

    [Fact, Trait("Row", "O51")]
    public async Task What_is_not_signed_by_this_issuer_for_this_client_is_discarded()
    {
        Assert.Null(await EmailAsync(claims => claims["iss"] = "https://another.example"));
        Assert.Null(await EmailAsync(claims => claims.Remove("iss")));
        Assert.Null(await EmailAsync(claims => claims["aud"] = "another-client"));
        Assert.Null(await EmailAsync(claims => claims.Remove("aud")));
        Assert.Null(await EmailAsync(claims => claims["sub"] = "mallory"));
        Assert.Null(await EmailAsync(_ => { }, ProviderKey.Rsa(Provider.SigningKey.Kid)));
        Assert.Null(await EmailAsync(_ => { }, change: ConformanceModules.WithAnotherSignature));
        Assert.Null(await EmailAsync(_ => { }, type: "application/json"));
        Provider.Behave(); // plain JSON, where signatures are agreed on
        using var run = (await ConformanceRun.OfAsync(servers, Provider, "signed")).SignedIn();
        Assert.Null((string?)(await run.SessionAsync())["user"]!["email"]);
    }

    private async Task<string?> EmailAsync(Action<JsonObject> claims, ProviderKey? key = null, Func<string, string>? change = null, string type = "application/jwt")
    {
        Provider.Behave();
        var payload = new JsonObject
        {
            ["iss"] = Provider.Issuer, ["aud"] = HostileProvider.ClientId, ["sub"] = HostileProvider.Subject, ["email"] = "alice@acme.test",
        };
        claims(payload);
        key ??= Provider.SigningKey;
        var token = key.Sign(key.Header(), payload);
        Provider.UserInfo.Answer = HostileAnswers.Text(change?.Invoke(token) ?? token, type);
        using var run = (await ConformanceRun.OfAsync(servers, Provider, "signed")).SignedIn();
        return (string?)(await run.SessionAsync())["user"]!["email"];
    }
}
