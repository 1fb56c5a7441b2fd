using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>Where a browser may be sent after a login: this origin, whatever is asked for.</summary>
public sealed class ReturnTargetChainTests(DemoServers demo) : IClassFixture<DemoServers>
{
    private static readonly string[] Payloads =
    [
        "https://evil", "//evil", "///evil", "/\\evil", "\\/evil", "\\\\evil", "/%5cevil", "/%09/evil", "/\t/evil", "/./\\evil", "/.//evil", "/x/..//evil",
        "/%2f%2fevil", "%2f%2fevil", "/%2fevil", "/%252fevil", "https:evil", "https:/evil", "javascript:alert(1)", "data:text/html,x", " //evil", "  https://evil",
        "/\r\nLocation: //evil", "/%0d%0aSet-Cookie: a=b", "/\0/evil", "/%00/evil", "//user@evil", "https://localhost@evil", "@evil", "/／evil", "/\u2215evil", "//evil。test", "。evil",
        "", "evil", ".evil", "?next=//evil", "#//evil",
    ];

    private GatewayStack Stack => demo.Stack;

    public static TheoryData<string> Raw => [.. Payloads];

    [Theory]
    [MemberData(nameof(Raw))]
    [Trait("Row", "S21")]
    [Trait("Row", "T39")]
    public async Task A_foreign_return_target_becomes_the_start_page(string payload)
    {
        using var browser = await Stack.SignedInAsync("bob@globex.test");
        foreach (var next in new[] { payload, Uri.EscapeDataString(payload), Uri.EscapeDataString(Uri.EscapeDataString(payload)) })
        {
            // Raw, where a request line can carry it: what would end the query or the line cannot.
            if (next.Any(c => c is <= ' ' or '#' or > '~'))
                continue;
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
