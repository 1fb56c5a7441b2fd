using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>The identity provider goes away while people work.</summary>
public sealed class ProviderGoneChainTests
{
    [Fact]
    public async Task Sessions_live_on_and_a_new_sign_in_gets_a_page_that_says_so()
    {
        await using var stack = await GatewayStack.StartAsync(new());
        using var alice = await stack.SignedInAsync("alice@acme.test");
        using var other = stack.BrowserFor();
        Assert.Equal(302, (await other.GetOneAsync("/auth/login", CancellationToken.None)).Status);

        await stack.Provider.DisposeAsync();
        Assert.Equal(200, (await alice.GetOneAsync("/me", CancellationToken.None)).Status);
        var page = await other.GetOneAsync("/auth/login?next=/me", CancellationToken.None);
        Assert.Equal((503, "text/html", true), (page.Status, page.Response.Content.Headers.ContentType!.MediaType, page.Response.Headers.RetryAfter is not null));
        Assert.Contains("The identity provider does not answer", page.Body, StringComparison.Ordinal);
        Assert.Equal("/auth/login?next=%2Fme", Links.Of(page, "Try again"));
    }
}
