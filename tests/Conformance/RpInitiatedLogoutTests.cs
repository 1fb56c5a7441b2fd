using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.SignIn;

namespace OrgGateway.Tests.Conformance;

/// <summary>Modules of the RP-initiated logout plan, and what the provider is told of the tokens.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class RpInitiatedLogoutTests(ConformanceServers servers)
{
    private HostileProvider Provider => servers.Provider(ConformanceModules.Basic);

    [Fact, Trait("Row", "O129"), Trait("Row", "O60")]
    public Task Rp_init_logout() => SignsOutAsync(state => state);

    [Fact, Trait("Row", "O130")]
    public Task Rp_init_logout_other_state() => SignsOutAsync(_ => "of-somebody-else");

    [Fact, Trait("Row", "O131")]
    public Task Rp_init_logout_no_state() => SignsOutAsync(_ => null);

    [Fact, Trait("Row", "O60"), Trait("Row", "O63")]
    public async Task Tokens_are_revoked_behind_a_sign_out_that_is_over_by_then()
    {
        using var run = await SignedInAsync();
        var session = run.Browser.Cookies.Value(servers.Url, "orggw")!;
        var seen = new TaskCompletionSource<HttpStatusCode>();
        var release = new TaskCompletionSource();
        Provider.Revocation.Answer = async context =>
        {
            using var client = new CookieClient();
            seen.TrySetResult(await client.StatusAsync(servers.Url, "/plain", session));
            await release.Task;
        };
        var before = Provider.Revocation.Hits;
        // The provider keeps the revocation waiting, and the browser is not.
        var answer = await run.Browser.GetOneAsync("/auth/logout", CancellationToken.None);
        Assert.Equal(302, answer.Status);
        Assert.Equal(HttpStatusCode.Unauthorized, await seen.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        release.SetResult();
        await Wait.UntilAsync(() => Provider.Revocation.Hits == before + 2, TimeSpan.FromSeconds(20), "both tokens are revoked");
        var requests = Provider.Revocation.Requests.Skip(before).ToList();
        Assert.Equal(["refresh-1", HostileProvider.AccessToken], requests.Select(request => request.Field("token")));
        Assert.Equal(["refresh_token", "access_token"], requests.Select(request => request.Field("token_type_hint")));
        Assert.All(requests, request => Assert.StartsWith("Basic ", request.Authorization));
    }

    [Fact, Trait("Row", "O63")]
    public async Task A_revocation_that_fails_changes_nothing()
    {
        using var run = await SignedInAsync();
        Provider.Revocation.Answer = HostileAnswers.Reset;
        Assert.Equal(302, (await run.Browser.GetOneAsync("/auth/logout", CancellationToken.None)).Status);
        await Wait.UntilAsync(
            () => servers.Process.Output.Contains("was not revoked at basic", StringComparison.Ordinal), TimeSpan.FromSeconds(20), "the log says so");
        Assert.DoesNotContain("refresh-1", servers.Process.Output);
    }

    [Fact, Trait("Row", "T133")]
    public async Task A_session_that_the_store_has_lost_is_still_signed_out_at_the_provider()
    {
        Provider.Behave();
        using var browser = new DemoBrowser(servers.Url);
        browser.Cookies.Set(servers.Url, "orggw", new string('A', 43));
        var answer = await browser.GetOneAsync("/auth/logout", CancellationToken.None);
        var location = answer.Hops[0].Location!;
        Assert.Equal(Provider.Origin + "/end-session", location.GetLeftPart(UriPartial.Path));
        Assert.Equal((HostileProvider.ClientId, ""), (PendingLogin.Of(location, "client_id"), PendingLogin.Of(location, "id_token_hint")));
        Assert.Null(browser.Cookies.Value(servers.Url, "orggw"));
    }

    private async Task SignsOutAsync(Func<string?, string?> state)
    {
        using var run = await SignedInAsync();
        var session = run.Browser.Cookies.Value(servers.Url, "orggw")!;
        Provider.Front.ChangeLogoutState = state;
        using var client = new CookieClient();
        Provider.Front.EndSession.Answer = async context =>
        {
            // By the time the provider hears of it, nothing is left here.
            Assert.Equal(HttpStatusCode.Unauthorized, await client.StatusAsync(servers.Url, "/plain", session));
            await Provider.Front.EndSession.AnswerProperlyAsync(context);
        };
        var end = await run.Browser.GetAsync("/auth/logout", CancellationToken.None);
        Assert.Equal((200, "/auth/signed-out"), (end.Status, end.Url.AbsolutePath));
        var asked = end.Hops.Single(hop => hop.Url.AbsolutePath == "/end-session").Url;
        Assert.Equal(3, PendingLogin.Of(asked, "id_token_hint").Split('.').Length);
        Assert.Equal(HostileProvider.ClientId, PendingLogin.Of(asked, "client_id"));
        Assert.Equal(servers.Origin + "/auth/signed-out", PendingLogin.Of(asked, "post_logout_redirect_uri"));
        Assert.NotEmpty(PendingLogin.Of(asked, "state"));
        Assert.False(run.HasSession);
        Assert.Equal("/auth/login", (await run.Browser.GetOneAsync("/plain", CancellationToken.None)).Hops[0].Location!.AbsolutePath);
    }

    private async Task<ConformanceRun> SignedInAsync()
    {
        Provider.Behave();
        Provider.ChangeTokens = tokens => tokens["refresh_token"] = "refresh-1";
        return (await ConformanceRun.OfAsync(servers, Provider, ConformanceModules.Basic)).SignedIn();
    }
}
