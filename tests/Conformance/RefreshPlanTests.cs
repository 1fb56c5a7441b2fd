using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conformance;

/// <summary>oidcc-client-refreshtoken-certification-test-plan.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class RefreshPlanTests(ConformanceServers servers)
{
    private HostileProvider Provider => servers.Provider(ConformanceModules.Basic);

    [Fact, Trait("Row", "O114")]
    public async Task Refresh_token()
    {
        using var run = await RefreshedAsync(_ => { });
        await Wait.UntilAsync(
            async () => (await run.Browser.GetOneAsync("/me", CancellationToken.None)).Status == 200
                && servers.Upstream.LastRequest.Header("Authorization") == "Bearer refreshed-access-token",
            TimeSpan.FromSeconds(20),
            "the new token goes along");
        Assert.Equal("refresh-1", Provider.Token.LastRequest.Field("refresh_token"));
    }

    [Fact, Trait("Row", "O115")]
    public Task Refresh_token_invalid_issuer() => EndsAsync(claims => claims["iss"] = "https://another.example");

    [Fact, Trait("Row", "O116")]
    public Task Refresh_token_invalid_sub() => EndsAsync(claims => claims["sub"] = "mallory");

    [Fact, Trait("Row", "O53")]
    public Task A_refreshed_token_with_the_nonce_of_another_login_ends_the_session() => EndsAsync(claims => claims["nonce"] = "of-another-login");

    [Fact, Trait("Row", "O53")]
    public async Task A_refreshed_token_may_have_the_nonce_of_its_login()
    {
        using var run = await RefreshedAsync(claims => claims["nonce"] = Provider.Front.LastRequest["nonce"]);
        await Wait.UntilAsync(
            async () => (await run.Browser.GetOneAsync("/me", CancellationToken.None)).Status == 200
                && servers.Upstream.LastRequest.Header("Authorization") == "Bearer refreshed-access-token",
            TimeSpan.FromSeconds(20),
            "the new token goes along");
    }

    private async Task EndsAsync(Action<JsonObject> change)
    {
        using var run = await RefreshedAsync(change);
        await Wait.UntilAsync(
            async () => (await run.Browser.GetOneAsync("/me", CancellationToken.None)).Hops[0].Location?.AbsolutePath == "/auth/login",
            TimeSpan.FromSeconds(20),
            "the session has ended");
        Assert.DoesNotContain(servers.Upstream.Requests, request =>
            request.Header("X-Auth-User-Id") == "mallory" || request.Header("Authorization") == "Bearer a-refused-access-token");
    }

    /// <summary>Signed in with a token of a second, and that second over: the next request needs the refresh, whose answer is changed.</summary>
    private async Task<ConformanceRun> RefreshedAsync(Action<JsonObject> change)
    {
        Provider.Behave();
        var tokens = 0;
        Provider.ChangeTokens = answer =>
        {
            (answer["refresh_token"], answer["expires_in"]) = ("refresh-1", 1);
            if (Interlocked.Increment(ref tokens) == 1)
                return;
            var claims = default(string);
            answer["id_token"] = Provider.IdToken(payload =>
            {
                change(payload);
                claims = payload.ToJsonString();
            });
            answer["expires_in"] = 300;
            answer["access_token"] = claims!.Contains("mallory", StringComparison.Ordinal) || claims.Contains("another.example", StringComparison.Ordinal)
                ? "a-refused-access-token" : "refreshed-access-token";
        };
        var run = (await ConformanceRun.OfAsync(servers, Provider, ConformanceModules.Basic)).SignedIn();
        await Wait.UntilAsync(
            async () =>
            {
                await run.Browser.GetOneAsync("/plain", CancellationToken.None);
                return run.TokenRequests == 2;
            },
            TimeSpan.FromSeconds(20),
            "the token is refreshed");
        return run;
    }
}
