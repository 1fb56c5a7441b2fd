using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>Where a browser may be sent after a login: this origin, whatever is asked for.</summary>
public sealed class ReturnTargetChainTests(DemoServers demo) : IClassFixture<DemoServers>
{
    private GatewayStack Stack => demo.Stack;

    [Theory]
    [MemberData(nameof(RedirectPayloads.All), MemberType = typeof(RedirectPayloads))]
    [Trait("Row", "S21")]
    [Trait("Row", "T39")]
    public async Task A_foreign_return_target_becomes_the_start_page(string payload)
    {
        using var browser = await Stack.SignedInAsync("bob@globex.test");
        foreach (var next in RedirectPayloads.Sendable(payload))
        {
            var login = await PendingLogin.BeginAsync(browser, "/auth/login?next=" + next);
            Assert.Equal("/", LocationOf(await login.ReturnAsync()));

            var chosen = await browser.GetOneAsync("/auth/select-org?next=" + next, CancellationToken.None);
            Assert.Equal("/orgs/globex/", LocationOf(chosen));

            var error = await browser.GetOneAsync("/auth/error?error=access_denied&next=" + next, CancellationToken.None);
            Assert.Equal("/auth/login?next=%2F", Links.Of(error, "Try again"));

            var kept = await PendingLogin.BeginAsync(browser, "/auth/login?next=/me");
            Assert.Equal("/me", LocationOf(await kept.ReturnAsync($"{kept.Callback.PathAndQuery}&next={next}")));
        }
    }

    private static string LocationOf(BrowserVisit answer)
    {
        Assert.Equal(302, answer.Status);
        return answer.Response.Headers.Location!.OriginalString;
    }
}
