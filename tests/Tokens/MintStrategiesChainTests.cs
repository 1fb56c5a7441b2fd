using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Tokens;

/// <summary>The two strategies that ask the provider for each organization's token: by scope, and at an endpoint of the provider's own.</summary>
public sealed class MintStrategiesChainTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly HostileProvider _provider = new() { Now = TimeProvider.System.GetUtcNow };
    private readonly EchoUpstream _upstream = new();
    private readonly EchoUpstream _selection = new();
    private readonly CookieClient _client = new();
    private readonly Uri _url = FreePort.NextOrigin();
    private GatewayProcess? _gateway;
    private string? _cookie;
    private int _tokens;

    public async Task InitializeAsync()
    {
        await _provider.InitializeAsync();
        await _upstream.StartAsync();
        await _selection.StartAsync();
        _provider.ChangeClaims = claims => claims["organizations"] = new JsonObject
        {
            ["org_acme"] = new JsonObject { ["slug"] = "acme", ["roles"] = new JsonArray("member") },
            ["org_globex"] = new JsonObject { ["slug"] = "globex", ["roles"] = new JsonArray("member") },
        };
    }

    public void Dispose() => _client.Dispose();

    public async Task DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        await _upstream.StopAsync();
        await _selection.StopAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    [Trait("Row", "S30")]
    [Trait("Row", "T73")]
    public async Task By_scope_each_organization_has_a_token_of_the_sessions_refresh_token()
    {
        _provider.ChangeTokens = tokens =>
        {
            var scope = _provider.Token.LastRequest.Field("scope") ?? "";
            var org = scope.Split(' ').SingleOrDefault(one => one.StartsWith("organization:", StringComparison.Ordinal))?["organization:".Length..];
            (tokens["access_token"], tokens["refresh_token"]) = (NewToken(org is null ? null : "org_" + org), $"refresh-{++_tokens}");
        };
        await SignInAsync(new() { ["Strategy"] = "scopedGrant" }, new() { ["Scope"] = "organization:{slug}" });
        await ServesAsync("acme", () => _provider.Token.Hits);
        var asked = _provider.Token.LastRequest;
        Assert.Equal(("refresh_token", "openid profile email offline_access organization:acme"), (asked.Field("grant_type"), asked.Field("scope")));
        Assert.StartsWith("Basic ", asked.Authorization, StringComparison.Ordinal);
        await RenewsOnceAsync("acme", () => _provider.Token.Hits);
        // Each refresh presented the token that the one before had brought.
        var presented = _provider.Token.Requests.Where(request => request.Field("grant_type") == "refresh_token").Select(request => request.Field("refresh_token")).ToList();
        Assert.Equal(presented.Distinct(), presented);

        _provider.Token.Answer = HostileAnswers.Json(new JsonObject { ["error"] = "invalid_scope" }, 400);
        using (var refused = await _client.GetAsync(_url, "/orgs/globex/x", _cookie))
            Assert.Equal((HttpStatusCode.Unauthorized, "org_reauth_required"), (refused.StatusCode, await CodeAsync(refused)));
        _provider.Token.Answer = HostileAnswers.Status(503);
        await IsAwayAsync("globex", "acme", () => _provider.Token.Answer = null);
    }

    [Fact]
    [Trait("Row", "S30")]
    [Trait("Row", "T73")]
    public async Task At_an_endpoint_of_its_own_the_provider_gives_each_organization_a_token_for_the_sessions()
    {
        var session = NewToken(null);
        _provider.ChangeTokens = tokens => tokens["access_token"] = session;
        Task SelectAsync(HttpContext context)
        {
            var org = (string?)JsonNode.Parse(_selection.LastRequest.Text)!["tenant"];
            return HostileAnswers.Json(new JsonObject { ["session"] = new JsonObject { ["jwt"] = NewToken(org) }, ["expires_in"] = 300 })(context);
        }
        _selection.Answer = SelectAsync;
        await SignInAsync(
            new() { ["Strategy"] = "endpoint", ["Endpoint"] = _selection.Url + "/select", ["Parameter"] = "tenant", ["TokenPath"] = "/session/jwt", ["WithClientId"] = true, ["RequireReauthOn"] = new JsonArray("mfa_required") }, []);
        await ServesAsync("acme", () => _selection.Hits);
        var asked = _selection.LastRequest;
        Assert.Equal(("POST", "/select", """{"tenant":"org_acme"}"""), (asked.Method, asked.RawTarget, asked.Text));
        Assert.Equal($"Bearer {HostileProvider.ClientId}:{session}", asked.Header("Authorization"));
        await RenewsOnceAsync("acme", () => _selection.Hits);

        _selection.Answer = HostileAnswers.Json(new JsonObject { ["error"] = "mfa_required" }, 401);
        using (var refused = await _client.GetAsync(_url, "/orgs/globex/x", _cookie))
            Assert.Equal((HttpStatusCode.Unauthorized, "org_reauth_required"), (refused.StatusCode, await CodeAsync(refused)));
        _selection.Answer = HostileAnswers.Status(503);
        await IsAwayAsync("globex", "acme", () => _selection.Answer = SelectAsync);
    }

    [Theory]
    [Trait("Row", "P10")]
    [InlineData("among others")]
    [InlineData("in the ID token")]
    [InlineData("as the audience")]
    public async Task A_token_that_was_asked_for_the_organization_may_say_so_in_other_ways(string says)
    {
        _provider.ChangeTokens = tokens =>
        {
            var org = _provider.Token.LastRequest.Field("organization_id");
            var claims = new JsonObject { ["sub"] = HostileProvider.Subject, ["jti"] = $"token-{++_tokens}" };
            if (says == "among others")
                claims["organizations"] = new JsonObject { ["org_acme"] = new JsonObject(), ["org_globex"] = new JsonObject() };
            if (says == "as the audience" && org is not null)
                claims["aud"] = "urn:logto:organization:" + org;
            (tokens["access_token"], tokens["refresh_token"]) = (_provider.SigningKey.Sign(_provider.SigningKey.Header(), claims), $"refresh-{_tokens}");
        };
        await SignInAsync(new() { ["Strategy"] = "refreshParam" }, []);
        foreach (var slug in (string[])["acme", "globex"])
        {
            var before = _provider.Token.Hits;
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(slug));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(slug));
            Assert.Equal((before + 1, "org_" + slug), (_provider.Token.Hits, _provider.Token.LastRequest.Field("organization_id")));
        }
    }

    [Fact]
    [Trait("Row", "T73")]
    public async Task A_token_that_names_another_organization_is_not_saved_by_the_ID_token_beside_it()
    {
        _provider.ChangeTokens = tokens => (tokens["access_token"], tokens["refresh_token"]) = (NewToken("org_globex"), $"refresh-{++_tokens}");
        await SignInAsync(new() { ["Strategy"] = "refreshParam" }, []);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("acme"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("globex"));
    }

    // The first request has it from the provider, the second from what is kept.
    private async Task ServesAsync(string slug, Func<int> asked)
    {
        var before = asked();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(slug));
        var token = TokenUpstreamSaw();
        Assert.Equal(("org_" + slug, before + 1), (OrganizationOf(token), asked()));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(slug));
        Assert.Equal((token, before + 1), (TokenUpstreamSaw(), asked()));
    }

    private async Task RenewsOnceAsync(string slug, Func<int> asked)
    {
        var (before, dead) = (asked(), "Bearer " + TokenUpstreamSaw());
        _upstream.Answer = context => HostileAnswers.Status(context.Request.Headers.Authorization == dead ? 401 : 200)(context);
        _upstream.Forget();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(slug));
        Assert.Equal((2, before + 1), (_upstream.Hits, asked()));
        var renewed = TokenUpstreamSaw();
        Assert.Equal("org_" + slug, OrganizationOf(renewed));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(slug));
        Assert.Equal((renewed, before + 1), (TokenUpstreamSaw(), asked()));

        // One that refuses every token gets one more, and its refusal goes to the caller.
        _upstream.Answer = HostileAnswers.Status(401);
        _upstream.Forget();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(slug));
        Assert.Equal((2, before + 2), (_upstream.Hits, asked()));
        _upstream.Answer = null;
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(slug));
    }

    private async Task IsAwayAsync(string slug, string kept, Action comesBack)
    {
        _upstream.Forget();
        // A refusal that came before is remembered for two seconds.
        await Wait.UntilAsync(
            async () =>
            {
                using var answer = await _client.GetAsync(_url, $"/orgs/{slug}/x", _cookie);
                return (answer.StatusCode, await CodeAsync(answer)) == (HttpStatusCode.ServiceUnavailable, "provider_unavailable") && answer.Headers.RetryAfter is not null;
            },
            Bound,
            "it is said that the provider is away, and when to come back");
        Assert.Equal(0, _upstream.Hits);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(kept));
        Assert.Equal("org_" + kept, OrganizationOf(TokenUpstreamSaw()));
        comesBack();
        await Wait.UntilAsync(async () => await StatusAsync(slug) == HttpStatusCode.OK, Bound, "the token comes when the provider is back");
        Assert.Equal("org_" + slug, OrganizationOf(TokenUpstreamSaw()));
    }

    private async Task SignInAsync(JsonObject mint, JsonObject authorize)
    {
        var origin = _url.GetLeftPart(UriPartial.Authority);
        var configuration = DemoConfiguration.Of(origin, _provider.Issuer, _upstream.Url);
        var main = configuration["Gateway"]!["IdentityProviders"]!["main"]!;
        (main["ClientSecret"], main["Mint"], main["Authorize"]) = (HostileProvider.ClientSecret, mint, authorize);
        _gateway = await GatewayProcess.StartAsync(configuration);
        using var browser = new DemoBrowser(_url);
        var end = await browser.GetAsync("/auth/login?next=/me", CancellationToken.None);
        Assert.Equal((200, "/me"), (end.Status, end.Url.AbsolutePath));
        _cookie = browser.Cookies.Value(_url, "orggw");
    }

    private Task<HttpStatusCode> StatusAsync(string slug) => _client.StatusAsync(_url, $"/orgs/{slug}/x", _cookie);

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) =>
        answer.Content.Headers.ContentType?.MediaType == "application/problem+json" ? JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString() : null;

    private string TokenUpstreamSaw() => _upstream.LastRequest.Header("Authorization")!["Bearer ".Length..];

    private static string? OrganizationOf(string token) => (string?)JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!["org_id"];

    private string NewToken(string? org)
    {
        var claims = new JsonObject { ["sub"] = HostileProvider.Subject, ["jti"] = $"token-{Interlocked.Increment(ref _tokens)}" };
        if (org is not null)
            claims["org_id"] = org;
        return _provider.SigningKey.Sign(_provider.SigningKey.Header(), claims);
    }
}
