using System.Text.Json.Nodes;
using System.Web;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>What a login may be told, and how each provider is told it.</summary>
public sealed class LoginParametersChainTests(SteeredServers servers) : IClassFixture<SteeredServers>
{
    [Theory]
    [InlineData("scalekit", "organization_id", "org_scalekit")]
    [InlineData("auth0", "organization", "org_auth0")]
    [InlineData("workos", "organization_id", "org_workos")]
    [InlineData("google", "hd", "google.test")]
    [Trait("Row", "S24")]
    public async Task An_organization_is_told_in_the_providers_own_parameter(string preset, string parameter, string value)
    {
        foreach (var query in new[] { $"org={preset}-org", $"org=org_{preset}" })
        {
            var authorize = await servers.AuthorizeAsync(query);
            Assert.StartsWith(servers.Provider(preset).Issuer + "/authorize?", authorize.AbsoluteUri);
            Assert.Equal(value, PendingLogin.Of(authorize, parameter));
        }
        var plain = await servers.AuthorizeAsync($"connection={preset}");
        Assert.StartsWith(servers.Provider(preset).Issuer + "/authorize?", plain.AbsoluteUri);
        Assert.Equal("", PendingLogin.Of(plain, parameter));
    }

    [Fact]
    [Trait("Row", "S24")]
    public async Task An_organization_in_a_scope_takes_the_place_of_the_scope_for_all()
    {
        Assert.EndsWith(" organization:*", PendingLogin.Of(await servers.AuthorizeAsync("connection=keycloak"), "scope"));
        Assert.Equal("openid profile email offline_access organization:keycloak-org", PendingLogin.Of(await servers.AuthorizeAsync("org=org_keycloak"), "scope"));
        // Known to the provider alone, and not known to be one at all.
        Assert.Equal("elsewhere", PendingLogin.Of(await servers.AuthorizeAsync("org=elsewhere"), "organization"));
        foreach (var odd in new[] { "a b", "a%0d%0ab", "%2e%2e", "a&organization=b", new string('a', 200), "-a" })
            Assert.Equal("", PendingLogin.Of(await servers.AuthorizeAsync("org=" + Uri.EscapeDataString(odd)), "organization"));
    }

    [Fact]
    [Trait("Row", "S25")]
    [Trait("Row", "S26")]
    public async Task An_address_becomes_the_login_hint_and_its_domain_the_organization()
    {
        var known = await servers.AuthorizeAsync("email=" + Uri.EscapeDataString("a+b&c=d@auth0.test"));
        Assert.Contains("login_hint=a%2Bb%26c%3Dd", known.Query, StringComparison.Ordinal);
        Assert.Equal("a+b&c=d@auth0.test", PendingLogin.Of(known, "login_hint"));
        Assert.Equal("org_auth0", PendingLogin.Of(known, "organization"));

        var elsewhere = await servers.AuthorizeAsync("email=a@SCALEKIT.test");
        Assert.StartsWith(servers.Provider("scalekit").Issuer + "/", elsewhere.AbsoluteUri);
        Assert.Equal(("org_scalekit", "a@SCALEKIT.test"), (PendingLogin.Of(elsewhere, "organization_id"), PendingLogin.Of(elsewhere, "login_hint")));

        var unknown = await servers.AuthorizeAsync("email=a@unknown.test");
        Assert.Equal(("a@unknown.test", ""), (PendingLogin.Of(unknown, "login_hint"), PendingLogin.Of(unknown, "organization")));
        Assert.Equal("b@unknown.test", PendingLogin.Of(await servers.AuthorizeAsync("login_hint=b@unknown.test"), "login_hint"));
    }

    [Theory]
    [InlineData("a@evil.com@scalekit.test")]
    [InlineData("\"a@evil.com\"@scalekit.test")]
    [InlineData("a@scalekit.test@evil.com")]
    [InlineData("x@xscalekit.test")]
    [InlineData("x@sub.scalekit.test")]
    [InlineData("x@scalekit.test.evil.com")]
    [InlineData("x@scalekit.test.")]
    [InlineData("x@scalekit.test\0")]
    [InlineData("x@sc\u0430lekit.test")]
    [InlineData("@scalekit.test")]
    [InlineData("x @scalekit.test")]
    [InlineData("<x@scalekit.test>")]
    [Trait("Row", "T70")]
    public async Task A_doubtful_address_is_of_no_domain(string email)
    {
        var authorize = await servers.AuthorizeAsync("email=" + Uri.EscapeDataString(email));
        Assert.StartsWith(servers.Provider("auth0").Issuer + "/", authorize.AbsoluteUri);
        Assert.Equal("", PendingLogin.Of(authorize, "organization"));
    }

    [Fact]
    [Trait("Row", "G32")]
    [Trait("Row", "S28")]
    public async Task A_connection_is_passed_on_from_the_list_and_dropped_otherwise()
    {
        Assert.Equal("github", PendingLogin.Of(await servers.AuthorizeAsync("connection=github"), "connection"));
        foreach (var dropped in new[] { "evil", "GITHUB", "github%20", "github,evil", "github&connection=evil" })
            Assert.Equal("", PendingLogin.Of(await servers.AuthorizeAsync("connection=" + dropped), "connection"));
        // Without a list: any plain word, in the provider's own parameter.
        Assert.Equal("saml-acme", PendingLogin.Of(await servers.AuthorizeAsync("org=keycloak-org&connection=saml-acme"), "kc_idp_hint"));
        Assert.Equal("", PendingLogin.Of(await servers.AuthorizeAsync("org=keycloak-org&connection=a%26b"), "kc_idp_hint"));
        // A provider without such a parameter is told nothing.
        Assert.DoesNotContain("saml-acme", (await servers.AuthorizeAsync("org=google-org&connection=saml-acme")).Query, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Row", "S48")]
    public async Task An_invitation_goes_along_with_its_organization_and_ends_signed_in_to_it()
    {
        var provider = servers.Provider("auth0");
        provider.ChangeClaims = claims => claims["org_id"] = provider.Front.LastRequest.GetValueOrDefault("organization");
        using var browser = servers.BrowserFor();
        var end = await browser.GetAsync("/auth/login?invitation=inv_123&org=auth0-org&next=/orgs/auth0-org/welcome", CancellationToken.None);
        provider.Behave();
        Assert.Equal(("inv_123", "org_auth0"), (provider.Front.LastRequest["invitation"], provider.Front.LastRequest["organization"]));
        Assert.Equal((200, "/orgs/auth0-org/welcome"), (end.Status, end.Url.AbsolutePath));
        Assert.DoesNotContain("inv_123", (await servers.AuthorizeAsync("org=keycloak-org&invitation=inv_123")).Query, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Row", "O17")]
    [Trait("Row", "T51")]
    public async Task Nothing_but_the_listed_parameters_reaches_the_provider_and_none_is_overridden()
    {
        var own = HttpUtility.ParseQueryString((await servers.AuthorizeAsync("")).Query);
        var attacked = HttpUtility.ParseQueryString((await servers.AuthorizeAsync(
            "scope=all&redirect_uri=https://evil&response_type=token&client_id=evil&request=e.e.e&request_uri=https://evil&nonce=n&state=s&code_challenge=c&code_challenge_method=plain"
            + "&response_mode=fragment&id_token_hint=e.e.e&claims=%7B%7D&registration=%7B%7D&display=popup&organization=org_evil&audience=evil&resource=evil&prompt=consent%20login&prompt=none&ui_locales=de%0d%0a")).Query);
        Assert.Equal(own.AllKeys.Order(), attacked.AllKeys.Order());
        foreach (var name in own.AllKeys.Where(name => name is not ("state" or "nonce" or "code_challenge")))
            Assert.Equal(own[name], attacked[name]);
        Assert.NotEqual("s", attacked["state"]);

        var allowed = await servers.AuthorizeAsync("prompt=select_account&ui_locales=de-CH%20fr");
        Assert.Equal(("select_account", "de-CH fr"), (PendingLogin.Of(allowed, "prompt"), PendingLogin.Of(allowed, "ui_locales")));
        foreach (var odd in new[] { "prompt=evil", "prompt=login&prompt=none", "prompt=LOGIN", "ui_locales=%22", "ui_locales=" + new string('d', 200), "email=" + new string('e', 300), "email=a%00b" })
            Assert.Equal(own.AllKeys.Order(), HttpUtility.ParseQueryString((await servers.AuthorizeAsync(odd)).Query).AllKeys.Order());
    }

    [Fact]
    [Trait("Row", "O19")]
    public async Task Redirects_are_302_without_a_copy_and_without_a_referrer()
    {
        using var browser = servers.BrowserFor();
        var begun = await browser.GetOneAsync("/auth/login?next=/me", CancellationToken.None);
        var returned = await browser.GetOneAsync((await browser.GetOneAsync(begun.Hops[0].Location!.AbsoluteUri, CancellationToken.None)).Hops[0].Location!.AbsoluteUri, CancellationToken.None);
        foreach (var answer in new[] { begun, returned })
        {
            Assert.Equal(302, answer.Status);
            Assert.True(answer.Response.Headers.CacheControl!.NoStore);
            Assert.Equal("no-referrer", answer.Response.Headers.GetValues("Referrer-Policy").Single());
        }
    }

    [Fact]
    public async Task A_host_of_an_organization_chooses_its_provider()
    {
        using var browser = servers.BrowserFor();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/auth/login");
        request.Headers.Host = "team.example.test";
        using var answer = await browser.SendAsync(request, CancellationToken.None);
        Assert.StartsWith(servers.Provider("keycloak").Issuer + "/", answer.Headers.Location!.AbsoluteUri);
        Assert.Equal($"{servers.Origin}/auth/callback/keycloak", PendingLogin.Of(answer.Headers.Location, "redirect_uri"));
    }

    [Fact]
    [Trait("Row", "O70")]
    [Trait("Row", "O117")]
    public async Task A_third_party_may_begin_a_login_by_GET_or_POST_at_a_configured_issuer_and_proves_nothing()
    {
        var provider = servers.Provider("workos");
        var query = $"iss={Uri.EscapeDataString(provider.Issuer)}&login_hint=ann@example.test&target_link_uri={Uri.EscapeDataString(servers.Origin + "/me?from=party")}";
        using var browser = servers.BrowserFor();
        var authorize = await servers.AuthorizeAsync(query, browser);
        Assert.StartsWith(provider.Issuer + "/authorize?", authorize.AbsoluteUri);
        Assert.Equal("ann@example.test", PendingLogin.Of(authorize, "login_hint"));
        Assert.Null(browser.Cookies.Value(servers.Url, "orggw"));
        var end = await browser.GetAsync(authorize.AbsoluteUri, CancellationToken.None);
        Assert.Equal((200, "/me?from=party"), (end.Status, end.Url.PathAndQuery));

        using var post = new HttpRequestMessage(HttpMethod.Post, "/auth/login")
        {
            Content = new FormUrlEncodedContent([new("iss", provider.Issuer), new("login_hint", "ann@example.test"), new("target_link_uri", "/me")]),
        };
        post.Headers.Add("Sec-Fetch-Mode", "navigate");
        post.Headers.Add("Sec-Fetch-Site", "cross-site");
        using var stranger = servers.BrowserFor();
        using var posted = await stranger.SendAsync(post, CancellationToken.None);
        Assert.Equal(302, (int)posted.StatusCode);
        Assert.StartsWith(provider.Issuer + "/authorize?", posted.Headers.Location!.AbsoluteUri);

        foreach (var issuer in new[] { "https://evil.test", provider.Issuer + "/x", provider.Issuer.Replace("http", "HTTP", StringComparison.Ordinal) })
        {
            var refused = await stranger.GetOneAsync("/auth/login?iss=" + Uri.EscapeDataString(issuer), CancellationToken.None);
            Assert.StartsWith("/auth/error?error=unknown_issuer", refused.Response.Headers.Location!.OriginalString);
        }
        using var bare = await stranger.SendAsync(new(HttpMethod.Post, "/auth/login") { Content = new FormUrlEncodedContent([new("next", "/")]) }, CancellationToken.None);
        Assert.Equal(401, (int)bare.StatusCode);
    }

    [Theory]
    [MemberData(nameof(RedirectPayloads.All), MemberType = typeof(RedirectPayloads))]
    [Trait("Row", "T42")]
    public async Task A_foreign_target_of_a_third_party_becomes_the_start_page(string payload)
    {
        using var browser = servers.BrowserFor();
        foreach (var target in RedirectPayloads.Sendable(payload).Concat([
            Uri.EscapeDataString(servers.Origin + "@evil/x"), Uri.EscapeDataString(servers.Origin + ".evil/x"), Uri.EscapeDataString(servers.Origin + "0/x"), Uri.EscapeDataString(servers.Origin + payload)]))
        {
            var login = await PendingLogin.BeginAsync(browser, $"/auth/login?iss={Uri.EscapeDataString(servers.Provider("workos").Issuer)}&target_link_uri={target}");
            var end = (await login.ReturnAsync()).Response.Headers.Location!.OriginalString;
            Assert.True(end == "/", $"{target} ends at {end}");
        }
    }

    [Fact]
    [Trait("Row", "S29")]
    public async Task A_signed_suggestion_of_the_provider_begins_a_login_of_our_own()
    {
        var provider = servers.Provider("scalekit");
        var valid = Suggestion(provider);
        var authorize = await servers.AuthorizeAsync("idp_initiated_login=" + valid);
        Assert.StartsWith(provider.Issuer + "/authorize?", authorize.AbsoluteUri);
        Assert.Equal(("org_scalekit", "conn_1", "ann@scalekit.test"),
            (PendingLogin.Of(authorize, "organization_id"), PendingLogin.Of(authorize, "connection_id"), PendingLogin.Of(authorize, "login_hint")));
        Assert.NotEqual(PendingLogin.Of(authorize, "state"), PendingLogin.Of(await servers.AuthorizeAsync("idp_initiated_login=" + valid), "state"));

        var other = servers.Provider("workos");
        foreach (var (why, bad) in new[]
        {
            ("expired", Suggestion(provider, claims => claims["exp"] = Seconds(-120))), ("not yet", Suggestion(provider, claims => claims["nbf"] = Seconds(300))),
            ("no end", Suggestion(provider, claims => claims.Remove("exp"))), ("endless", Suggestion(provider, claims => claims["exp"] = Seconds(86400))),
            ("forged", Suggestion(provider, key: ProviderKey.Rsa("key-1"))), ("another issuer", Suggestion(provider, claims => claims["iss"] = other.Issuer)),
            ("may not", Suggestion(other)), ("another client", Suggestion(provider, claims => claims["aud"] = "somebody")), ("no token", "a.b.c"), ("empty", "x"), ("none", "eyJhbGciOiJub25lIn0.e30."),
        })
        {
            using var browser = servers.BrowserFor();
            var refused = await browser.GetOneAsync("/auth/login?idp_initiated_login=" + bad, CancellationToken.None);
            Assert.True(refused.Status == 302 && refused.Response.Headers.Location!.OriginalString.StartsWith("/auth/error?error=invalid_suggestion", StringComparison.Ordinal), why);
            Assert.Empty(browser.Cookies.Names(servers.Url));
        }
    }

    [Fact]
    [Trait("Row", "S29")]
    [Trait("Row", "O31")]
    [Trait("Row", "T45")]
    public async Task An_unsolicited_code_is_never_redeemed_and_where_allowed_begins_one_login()
    {
        var provider = servers.Provider("scalekit");
        var before = provider.Token.Hits;
        using var browser = servers.BrowserFor();
        var restarted = await browser.GetOneAsync("/auth/callback/scalekit?code=stolen", CancellationToken.None);
        Assert.Equal(302, restarted.Status);
        var login = restarted.Response.Headers.Location!.OriginalString;
        Assert.StartsWith("/auth/login?iss=", login);
        Assert.DoesNotContain("stolen", login, StringComparison.Ordinal);
        Assert.Null(browser.Cookies.Value(servers.Url, "orggw"));
        var begun = await browser.GetOneAsync(login, CancellationToken.None);
        Assert.StartsWith(provider.Issuer + "/authorize?", begun.Hops[0].Location!.AbsoluteUri);

        var again = await browser.GetOneAsync("/auth/callback/scalekit?code=stolen", CancellationToken.None);
        Assert.StartsWith("/auth/error?error=state", again.Response.Headers.Location!.OriginalString);
        var elsewhere = await browser.GetOneAsync("/auth/callback/workos?code=stolen", CancellationToken.None);
        Assert.StartsWith("/auth/error?error=state", elsewhere.Response.Headers.Location!.OriginalString);
        // A browser that keeps no cookies gets no more than a few.
        var statuses = new List<bool>();
        for (var i = 0; i < 10; i++)
        {
            using var forgetful = servers.BrowserFor();
            statuses.Add((await forgetful.GetOneAsync("/auth/callback/scalekit?code=stolen", CancellationToken.None)).Response.Headers.Location!.OriginalString.StartsWith("/auth/login", StringComparison.Ordinal));
        }
        Assert.InRange(statuses.Count(restart => restart), 1, 6);
        Assert.False(statuses[^1]);
        Assert.Equal(before, provider.Token.Hits);
    }

    [Fact]
    [Trait("Row", "P11")]
    public async Task A_login_without_an_organization_claim_is_explained_once()
    {
        var provider = servers.Provider("keycloak");
        provider.ChangeTokens = tokens => tokens["scope"] = "openid profile email offline_access";
        var logged = servers.Process.Output.Length;
        using var browser = servers.BrowserFor();
        var end = await browser.GetAsync("/auth/login?connection=keycloak&next=/me", CancellationToken.None);
        provider.Behave();
        Assert.Equal(200, end.Status);
        await Wait.UntilAsync(() => servers.Process.Output[logged..].Contains("no_organization_claim", StringComparison.Ordinal), TimeSpan.FromSeconds(10), "the event");
        var lines = servers.Process.Output[logged..].Split('\n');
        var told = Assert.Single(lines, line => line.Contains("came without an organization", StringComparison.Ordinal));
        Assert.Contains("/organization", told, StringComparison.Ordinal);
        Assert.Contains("the scope 'organization:*' was requested and not granted", told, StringComparison.Ordinal);
        Assert.Single(lines, line => line.Contains("reason=no_organization_claim", StringComparison.Ordinal));
    }

    private static string Suggestion(HostileProvider provider, Action<JsonObject>? change = null, ProviderKey? key = null)
    {
        var claims = new JsonObject
        {
            ["iss"] = provider.Issuer, ["organization_id"] = "org_scalekit", ["connection_id"] = "conn_1", ["login_hint"] = "ann@scalekit.test", ["relay_state"] = "/orgs/scalekit-org/",
            ["iat"] = Seconds(0), ["nbf"] = Seconds(-5), ["exp"] = Seconds(60),
        };
        change?.Invoke(claims);
        key ??= provider.SigningKey;
        return key.Sign(key.Header(), claims);
    }

    private static long Seconds(int ahead) => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + ahead;
}
