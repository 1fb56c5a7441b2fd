using System.Text.Json.Nodes;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>One gateway, different providers: the demo's own, a foreign one, and each in unusual shapes.</summary>
public sealed class ProvidersChainTests
{
    [Theory]
    [InlineData("demo")]
    [InlineData("node")]
    [Trait("Row", "O13")]
    public async Task The_same_sign_in_works_at_every_provider(string which)
    {
        await using var node = which == "node" ? new NodeServer() : null;
        if (node is not null)
            await node.Provider.InitializeAsync();
        var origin = node?.Provider.Origins[0];
        await using var stack = await GatewayStack.StartAsync(new()
        {
            Configure = (stack, configuration) =>
            {
                if (node is null)
                    return;
                var main = configuration["Gateway"]!["IdentityProviders"]!["main"]!;
                main["Issuer"] = node.Provider.Issuer;
                main["ClientId"] = NodeProvider.ClientId;
                main["ClientSecret"] = NodeProvider.ClientSecret;
                configuration["Urls"] = node.Provider.Origin;
                configuration["Gateway"]!["PublicOrigin"] = node.Provider.Origin;
            },
        });
        using var alice = new DemoBrowser(origin ?? stack.Url);
        var end = await alice.SignInAsync("/orgs/acme/admin/users?page=2", "alice@acme.test", NodeProvider.Password, CancellationToken.None);
        Assert.Equal((200, "/orgs/acme/admin/users?page=2"), (end.Status, end.Url.PathAndQuery));
        var arrived = stack.Upstream.LastRequest;
        Assert.Equal("alice@acme.test", arrived.Header("X-Auth-User-Email"));
        Assert.Equal(("acme", "org_acme", "admin"), (arrived.Header("X-Auth-Org-Slug"), arrived.Header("X-Auth-Org-Id"), arrived.Header("X-Auth-Roles")));
        Assert.StartsWith("Bearer ", arrived.Header("Authorization"));
        Assert.Equal(403, (await alice.GetAsync("/orgs/globex/admin/users", CancellationToken.None)).Status);
        Assert.Equal(403, (await alice.GetAsync("/orgs/initech/docs", CancellationToken.None)).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [Trait("Row", "S34")]
    public async Task The_configured_issuer_may_end_in_a_slash_or_not(string end)
    {
        await using var stack = await GatewayStack.StartAsync(new() { Configure = (stack, configuration) => MainProvider(configuration)["Issuer"] = stack.Provider.Issuer + end });
        using var browser = await stack.SignedInAsync("alice@acme.test");
        Assert.NotNull(stack.SessionOf(browser));
    }

    [Fact]
    [Trait("Row", "S31")]
    public async Task A_public_client_signs_in_with_PKCE_alone_and_a_code_or_verifier_works_once()
    {
        await using var stack = await GatewayStack.StartAsync(new()
        {
            Configure = (stack, configuration) =>
            {
                stack.Provider.Register(DemoDirectory.Gateway(stack.Origin) with { Secret = null });
                MainProvider(configuration).Remove("ClientSecret");
                MainProvider(configuration)["ClientAuthentication"] = "none";
            },
        });
        var login = await PendingLogin.BeginAsync(stack);
        using var browser = login.Browser;
        var cookie = Assert.Single(browser.Cookies.Names(stack.Url));
        var binder = browser.Cookies.Value(stack.Url, cookie)!;
        Assert.Equal("/me?from=login", (await login.ReturnAsync()).Hops[0].Location!.PathAndQuery);

        // The transaction and with it the verifier are gone, even for who kept its cookie and a new code.
        var redeemed = stack.Provider.Counters.CodeGrants.Value;
        var other = await PendingLogin.BeginAsync(browser, "/auth/login");
        browser.Cookies.Clear(stack.Url);
        browser.Cookies.Set(stack.Url, cookie, binder);
        foreach (var callback in new[] { login.Callback.PathAndQuery, login.CallbackWith(("code", PendingLogin.Of(other.Callback, "code"))) })
            Assert.Equal("state", PendingLogin.Of((await login.ReturnAsync(callback)).Hops[0].Location!, "error"));
        Assert.Equal(redeemed, stack.Provider.Counters.CodeGrants.Value);

        // A used code in a login of its own: the provider refuses it.
        var third = await PendingLogin.BeginAsync(browser, "/auth/login");
        var reused = await third.ReturnAsync(third.CallbackWith(("code", PendingLogin.Of(login.Callback, "code"))));
        Assert.Equal("auth_failed", PendingLogin.Of(reused.Hops[0].Location!, "error"));
        Assert.Null(stack.SessionOf(browser));
    }

    [Fact]
    [Trait("Row", "O26")]
    public async Task An_issuer_parameter_that_was_not_announced_is_refused()
    {
        await using var stack = await StartWithMetadataAsync(metadata => metadata.Remove("authorization_response_iss_parameter_supported"));
        using var browser = stack.BrowserFor();
        var end = await browser.SignInAsync("/me", "alice@acme.test", CancellationToken.None);
        Assert.Equal(("/auth/error", "auth_failed"), (end.Url.AbsolutePath, PendingLogin.Of(end.Url, "error")));
        Assert.Null(stack.SessionOf(browser));
        Assert.Equal(0, stack.Provider.Counters.Token.Value);
    }

    [Fact]
    [Trait("Row", "O14")]
    public async Task Without_S256_at_the_provider_no_login_begins()
    {
        await using var stack = await StartWithMetadataAsync(metadata => metadata["code_challenge_methods_supported"] = new JsonArray("plain"));
        using var browser = stack.BrowserFor();
        var answer = await browser.GetAsync("/auth/login?next=/me", CancellationToken.None);
        Assert.Equal((503, "/auth/login"), (answer.Status, answer.Url.AbsolutePath));
        Assert.Equal(0, stack.Provider.Counters.Authorize.Value);
    }

    [Fact]
    [Trait("Row", "O28")]
    public async Task Each_provider_has_its_own_redirect_URI_and_no_answer_counts_at_anothers()
    {
        await using var second = await DemoProvider.StartAsync(new(), CancellationToken.None);
        await using var stack = await GatewayStack.StartAsync(new()
        {
            Configure = (stack, configuration) =>
            {
                var other = MainProvider(configuration).DeepClone().AsObject();
                other["Issuer"] = second.Issuer;
                configuration["Gateway"]!["IdentityProviders"]!["second"] = other;
                configuration["Gateway"]!["Organizations"]!["globex"]!["IdentityProvider"] = "second";
                second.Register(new("gateway") { Secret = "gateway-demo-secret", RedirectUris = [$"{stack.Origin}/auth/callback/second"] });
            },
        });
        var login = await PendingLogin.BeginAsync(stack);
        using var browser = login.Browser;
        Assert.Equal($"{stack.Origin}/auth/callback/main", PendingLogin.Of(login.Authorize, "redirect_uri"));
        var steered = await browser.GetOneAsync("/auth/login?org=globex", CancellationToken.None);
        Assert.StartsWith(second.Issuer + "/authorize", steered.Hops[0].Location!.AbsoluteUri);
        Assert.Equal($"{stack.Origin}/auth/callback/second", PendingLogin.Of(steered.Hops[0].Location!, "redirect_uri"));

        var before = stack.Provider.Counters.Token.Value;
        var crossed = await login.ReturnAsync(login.Callback.PathAndQuery.Replace("/callback/main", "/callback/second", StringComparison.Ordinal));
        Assert.Equal("auth_failed", PendingLogin.Of(crossed.Hops[0].Location!, "error"));
        Assert.Null(stack.SessionOf(browser));
        Assert.Equal((before, 0), (stack.Provider.Counters.Token.Value, second.Counters.Token.Value));
    }

    [Fact]
    public async Task A_provider_that_is_down_at_sign_in_is_a_page_that_says_so_until_it_is_back()
    {
        await using var stack = await GatewayStack.StartAsync(new() { Prepare = provider => provider.Faults.Discovery = new() { Status = 500 } });
        using var browser = stack.BrowserFor();
        var page = await browser.GetAsync("/me", CancellationToken.None);
        Assert.Equal((503, "/auth/login"), (page.Status, page.Url.AbsolutePath));
        Assert.Contains("The identity provider does not answer", page.Body);
        Assert.True(page.Response.Headers.Contains("Retry-After"));
        Assert.Equal("/auth/login?next=%2Fme", Links.Of(page, "Try again"));

        stack.Provider.Faults.Discovery = null;
        await Wait.UntilAsync(
            async () => (await browser.GetOneAsync("/auth/login?next=%2Fme", CancellationToken.None)).Status == 302, TimeSpan.FromSeconds(30), "sign-in works again");
        await browser.SignInAsync("/auth/login?next=%2Fme", "alice@acme.test", CancellationToken.None);
        Assert.NotNull(stack.SessionOf(browser));
    }

    private static JsonObject MainProvider(JsonObject configuration) => configuration["Gateway"]!["IdentityProviders"]!["main"]!.AsObject();

    private static async Task<GatewayStack> StartWithMetadataAsync(Action<JsonObject> change)
    {
        using var http = new HttpClient();
        var stack = await GatewayStack.StartAsync(new()
        {
            Prepare = provider =>
            {
                var metadata = JsonNode.Parse(http.GetStringAsync(new Uri(provider.Issuer + "/.well-known/openid-configuration")).GetAwaiter().GetResult())!.AsObject();
                change(metadata);
                provider.Faults.Discovery = new() { Status = 200, Body = metadata.ToJsonString() };
            },
        });
        return stack;
    }

    private sealed class NodeServer : IAsyncDisposable
    {
        public NodeProvider Provider { get; } = new();

        public async ValueTask DisposeAsync() => await Provider.DisposeAsync();
    }
}
