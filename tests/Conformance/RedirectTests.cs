using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conformance;

/// <summary>How the gateway's own redirects are written: never repeated as a POST, never kept, never telling where they came from.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class RedirectTests(ConformanceServers servers)
{
    [Theory, Trait("Row", "O19")]
    [InlineData(ConformanceModules.Basic)]
    [InlineData(ConformanceModules.FormPost)]
    public async Task Redirects_of_a_login_and_a_logout_are_302_and_private(string name)
    {
        var provider = servers.Provider(name);
        provider.Behave();
        using var browser = new DemoBrowser(servers.Url);
        var begun = Private(await browser.GetOneAsync($"/auth/login?org={name}&next=/plain", CancellationToken.None));
        var answered = await browser.GetOneAsync(begun.AbsoluteUri, CancellationToken.None);
        if (BrowserForm.In(answered) is [{ } form])
        {
            using var post = new HttpRequestMessage(HttpMethod.Post, form.Action) { Content = new FormUrlEncodedContent(form.Fields) };
            using var back = await browser.SendAsync(post, CancellationToken.None);
            Assert.Equal(302, (int)back.StatusCode);
            Assert.True(back.Headers.CacheControl!.NoStore);
            Assert.Equal("no-referrer", back.Headers.GetValues("Referrer-Policy").Single());
        }
        else
        {
            Private(await browser.GetOneAsync(answered.Hops[0].Location!.AbsoluteUri, CancellationToken.None));
        }
        Assert.NotNull(browser.Cookies.Value(servers.Url, "orggw"));
        Private(await browser.GetOneAsync("/auth/logout", CancellationToken.None));
        Private(await browser.GetOneAsync($"/auth/callback/{name}?state=unknown&code=x", CancellationToken.None));
    }

    private static Uri Private(BrowserVisit visit)
    {
        Assert.Equal(302, visit.Status);
        Assert.True(visit.Response.Headers.CacheControl!.NoStore);
        Assert.Equal("no-referrer", visit.Response.Headers.GetValues("Referrer-Policy").Single());
        return visit.Hops[0].Location!;
    }
}
