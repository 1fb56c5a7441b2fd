using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Bearer;

/// <summary>Bearer tokens at a running gateway: which are accepted, who they stand for, and what the upstream gets.</summary>
public sealed class BearerChainTests(BearerServers servers) : IClassFixture<BearerServers>, IDisposable
{
    private readonly BearerClient _client = new(servers.Stack.Url);

    private static JsonObject Acme(params string[] roles) => new() { ["org_acme"] = new JsonObject { ["slug"] = "acme", ["roles"] = new JsonArray([.. roles.Select(r => (JsonNode)r)]) } };

    private string Token(Action<JsonObject>? claims = null, string typ = "at+jwt", HostileProvider? issuer = null, ProviderKey? key = null) => (issuer ?? servers.Discovered).IdToken(
        payload =>
        {
            payload["aud"] = BearerServers.Audience;
            payload["organizations"] = Acme("member");
            claims?.Invoke(payload);
        },
        header => header["typ"] = typ,
        key);

    [Fact, Trait("Row", "A3"), Trait("Row", "A4"), Trait("Row", "A6")]
    public async Task Tokens_of_three_issuers_on_one_route_become_the_same_identity_shape()
    {
        var hmac = ProviderKey.Hmac(BearerServers.Secret);
        var tokens = new Dictionary<string, string>
        {
            [servers.Discovered.Issuer] = Token(c => c["email"] = "alice@acme.test"),
            [servers.Keyed.Issuer] = servers.Keyed.IdToken(c => { c["aud"] = new JsonArray("another", BearerServers.Audience); c["organizationId"] = "org_acme"; c["email"] = "alice@acme.test"; }),
            [BearerServers.SecretIssuer] = hmac.Sign(hmac.Header(), Claims(BearerServers.SecretIssuer, c => { c["organizations"] = Acme("member"); c["email"] = "alice@acme.test"; })),
        };
        var names = new List<string>();
        foreach (var (issuer, token) in tokens)
        {
            var answer = await _client.GetAsync("/machine/acme/x", token);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.Equal(
                (HostileProvider.Subject, issuer, "org_acme", "acme", "user", "alice@acme.test", "Bearer " + token),
                (answer.Arrived("X-Auth-User-Id"), answer.Arrived("X-Auth-Issuer"), answer.Arrived("X-Auth-Org-Id"), answer.Arrived("X-Auth-Org-Slug"), answer.Arrived("X-Auth-Type"), answer.Arrived("X-Auth-User-Email"), answer.Arrived("Authorization")));
            names.Add(string.Join(' ', answer.Body!["headers"]!.AsObject().Select(h => h.Key).Where(h => h.StartsWith("x-auth", StringComparison.Ordinal)).Order()));
        }
        Assert.Single(names.Distinct());
    }

    [Fact]
    public async Task A_clients_own_token_is_a_service_and_goes_on_only_where_the_route_says_so()
    {
        var token = Token(c => (c["sub"], c["client_id"]) = ("ci-job", "ci-job"));
        var passed = await _client.GetAsync("/machine/acme/x", token);
        var kept = await _client.GetAsync("/bare/acme/x", token);
        Assert.Equal(("service", "service", null), (passed.Arrived("X-Auth-Type"), kept.Arrived("X-Auth-Type"), kept.Arrived("Authorization")));
    }

    [Fact, Trait("Row", "A5")]
    public async Task A_token_without_an_organization_gets_no_further_than_org_required()
    {
        var answer = await _client.GetAsync("/machine/acme/x", Token(c => c.Remove("organizations")));
        Assert.Equal((HttpStatusCode.Forbidden, "org_required"), (answer.Status, answer.Code));
    }

    [Fact, Trait("Row", "A8")]
    public async Task A_session_and_a_token_at_once_are_refused_where_both_are_allowed_and_only_there()
    {
        using var alice = await servers.Stack.SignedInAsync("alice@acme.test");
        void Cookie(HttpRequestMessage request) => request.Headers.Add("Cookie", "orggw=" + servers.Stack.SessionOf(alice));

        var both = await _client.GetAsync("/either/acme/x", Token(), Cookie);
        Assert.Equal((HttpStatusCode.BadRequest, "ambiguous_credentials"), (both.Status, both.Code));
        Assert.Equal("u-alice", (await _client.GetAsync("/either/acme/x", null, Cookie)).Arrived("X-Auth-User-Id"));
        Assert.Equal(HostileProvider.Subject, (await _client.GetAsync("/either/acme/x", Token())).Arrived("X-Auth-User-Id"));
        // Elsewhere the one that is not allowed is not looked at.
        Assert.Equal(HostileProvider.Subject, (await _client.GetAsync("/machine/acme/x", Token(), Cookie)).Arrived("X-Auth-User-Id"));
        Assert.Equal("u-alice", (await _client.GetAsync("/orgs/acme/api/echo", "whatever", Cookie)).Arrived("X-Auth-User-Id"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync("/machine/acme/x", null, Cookie)).Status);
    }

    [Fact, Trait("Row", "A9"), Trait("Row", "T35")]
    public async Task Missing_malformed_and_expired_are_told_apart()
    {
        var missing = await _client.GetAsync("/machine/acme/x", null);
        var malformed = await _client.GetAsync("/machine/acme/x", "no jwt at all");
        var expired = await _client.GetAsync("/machine/acme/x", Token(c => (c["iat"], c["exp"]) = (At(-700), At(-400))));

        Assert.All([missing, malformed, expired], a => Assert.Equal(HttpStatusCode.Unauthorized, a.Status));
        Assert.Equal("Bearer", missing.Header("WWW-Authenticate"));
        Assert.StartsWith("Bearer error=\"invalid_request\"", malformed.Header("WWW-Authenticate"), StringComparison.Ordinal);
        Assert.StartsWith("Bearer error=\"invalid_token\"", expired.Header("WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Equal(("unauthenticated", "malformed_token", "token_expired"), (missing.Code, malformed.Code, expired.Code));
        foreach (var text in new[] { "", "a.b.c", "e30.e30.e30", Token(c => c["iss"] = "https://nobody.example"), Token(c => c.Remove("iss")) })
            Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync("/machine/acme/x", text)).Status);
        // A program that shows a credential means to be somebody, on a public route too.
        Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync("/open/x", "a.b.c")).Status);
        Assert.Equal("anonymous", (await _client.GetAsync("/open/x", null)).Arrived("X-Auth-Type"));
    }

    [Fact, Trait("Row", "A12"), Trait("Row", "T63")]
    public async Task Permissions_are_judged_for_each_request_though_the_token_was_checked_before()
    {
        var (viewer, member) = (Token(c => c["organizations"] = Acme("viewer")), Token());
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/machine/acme/x", viewer)).Status);
            var refused = await _client.GetAsync("/write/acme/x", viewer);
            Assert.Equal((HttpStatusCode.Forbidden, "missing_permission", "document:write"), (refused.Status, refused.Code, (string?)refused.Body!["missing"]));
            Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/write/acme/x", member)).Status);
        }
    }

    [Fact, Trait("Row", "T62"), Trait("Row", "T66")]
    public async Task A_token_of_one_organization_opens_no_other()
    {
        var acme = Token();
        var globex = Token(c => c["organizations"] = new JsonObject { ["org_globex"] = new JsonObject { ["roles"] = new JsonArray("member") } });
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(
                (HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.OK),
                ((await _client.GetAsync("/machine/acme/x", acme)).Status, (await _client.GetAsync("/machine/globex/x", acme)).Status,
                (await _client.GetAsync("/machine/acme/x", globex)).Status, (await _client.GetAsync("/machine/org_globex/x", globex)).Status));
        }
        // An issuer that is trusted for acme alone hands out nothing else.
        var foreign = servers.Keyed.IdToken(c => { c["aud"] = BearerServers.Audience; c["organizationId"] = "org_globex"; });
        Assert.Equal(HttpStatusCode.Forbidden, (await _client.GetAsync("/machine/globex/x", foreign)).Status);
    }

    [Fact, Trait("Row", "A13"), Trait("Row", "A22")]
    public async Task Times_are_held_to_with_thirty_seconds_of_skew()
    {
        var tooLong = await _client.GetAsync("/machine/acme/x", Token(c => c["exp"] = At(24 * 3600)));
        Assert.Equal((HttpStatusCode.Unauthorized, "token_too_long_lived"), (tooLong.Status, tooLong.Code));
        foreach (var (claim, seconds, status) in new[] { ("iat", 45, 401), ("iat", 10, 200), ("nbf", 45, 401), ("nbf", 10, 200), ("exp", -45, 401), ("exp", -5, 200) })
            Assert.Equal(status, (int)(await _client.GetAsync("/machine/acme/x", Token(c => { c["iat"] = At(-60); c[claim] = At(seconds); }))).Status);
        foreach (var claim in new[] { "exp", "iat", "sub" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync("/machine/acme/x", Token(c => c.Remove(claim)))).Status);
    }

    [Fact, Trait("Row", "A20"), Trait("Row", "T18")]
    public async Task Authorization_twice_is_refused()
    {
        foreach (var path in new[] { "/machine/acme/x", "/either/acme/x", "/orgs/acme/x", "/" })
            Assert.Equal(400, await _client.RawAsync(path, "Authorization: Bearer " + Token(), "Authorization: Bearer x"));
        Assert.Equal(400, await _client.RawAsync("/orgs/acme%2f..%2fbeta/"));
    }

    [Fact, Trait("Row", "T36")]
    public async Task A_token_in_the_query_or_a_form_is_no_token()
    {
        var token = Token();
        var hits = servers.Stack.Upstream.Hits;
        Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync("/machine/acme/x?access_token=" + token, null)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync("/machine/acme/x", null, request =>
        {
            request.Method = HttpMethod.Post;
            request.Content = new FormUrlEncodedContent([new("access_token", token)]);
        })).Status);
        Assert.Equal(hits, servers.Stack.Upstream.Hits);
        Assert.DoesNotContain(token, servers.Stack.Gateway.Output, StringComparison.Ordinal);
    }

    [Fact, Trait("Row", "T104"), Trait("Row", "T77")]
    public async Task Keys_are_the_issuers_own_and_asked_for_once_however_many_unknown_key_ids_come()
    {
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/machine/acme/x", Token())).Status);
        // Issuer B signs with a key of the same kid as A's, after its own tokens were accepted.
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/machine/acme/x", Keyed(null))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync("/machine/acme/x", Keyed(servers.Discovered.Issuer))).Status);

        var before = servers.Discovered.Keys.Hits;
        await Parallel.ForAsync(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            var unknown = Token(key: servers.Discovered.SigningKey, claims: null, typ: "at+jwt").Split('.');
            var header = new JsonObject { ["alg"] = "RS256", ["typ"] = "at+jwt", ["kid"] = "unknown-" + i };
            unknown[0] = System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(header.ToJsonString()));
            Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync("/machine/acme/x", string.Join('.', unknown))).Status);
        });
        Assert.InRange(servers.Discovered.Keys.Hits - before, 0, 3); // one per 30 seconds of a slow machine
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/machine/acme/x", Token())).Status);

        string Keyed(string? iss) => servers.Keyed.IdToken(c => { c["aud"] = BearerServers.Audience; c["organizationId"] = "org_acme"; c["organizations"] = Acme("admin"); if (iss is not null) c["iss"] = iss; });
    }

    [Fact, Trait("Row", "A1")]
    public async Task An_issuer_and_an_audience_from_the_environment_are_enough()
    {
        var configuration = DemoConfiguration.Elsewhere(servers.Stack.Configuration);
        configuration["Gateway"]!.AsObject().Remove("BearerIssuers");
        await using var gateway = await GatewayProcess.StartAsync(
            configuration, new Dictionary<string, string> { ["AUTH_ISSUER"] = servers.Discovered.Issuer, ["AUTH_AUDIENCE"] = BearerServers.Audience });
        using var client = new BearerClient(gateway.Url);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/machine/acme/x", Token())).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/machine/acme/x", Token(c => c["aud"] = "other"))).Status);
    }

    [Fact, Trait("Row", "A1")]
    public async Task A_gateway_for_programs_needs_no_identity_provider_and_one_for_people_does()
    {
        var configuration = DemoConfiguration.Elsewhere(servers.Stack.Configuration);
        var gateway = configuration["Gateway"]!.AsObject();
        foreach (var name in new[] { "BearerIssuers", "IdentityProviders", "DefaultIdentityProvider", "OrganizationTokens" })
            gateway.Remove(name);
        gateway["Organizations"] = new JsonObject { ["acme"] = new JsonObject { ["Id"] = "org_acme" } };
        var variables = new Dictionary<string, string> { ["AUTH_ISSUER"] = servers.Discovered.Issuer, ["AUTH_AUDIENCE"] = BearerServers.Audience };
        configuration["ReverseProxy"]!["Routes"] = new JsonObject
        {
            ["person"] = JsonNode.Parse("""{ "ClusterId": "app", "Match": { "Path": "/person" } }"""),
        };
        var refused = await GatewayProcess.RunToExitAsync(["check"], configuration.ToJsonString(), variables);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Gateway:IdentityProviders: missing", refused.Output, StringComparison.Ordinal);

        configuration["ReverseProxy"]!["Routes"] = new JsonObject
        {
            ["machine"] = JsonNode.Parse("""{ "ClusterId": "app", "Match": { "Path": "/machine/{org}/{**rest}" }, "Metadata": { "Credentials": "bearer", "Token": "user" } }"""),
            ["open"] = JsonNode.Parse("""{ "ClusterId": "app", "Match": { "Path": "/open/{**rest}" }, "Metadata": { "Access": "public" } }"""),
        };
        await using var process = await GatewayProcess.StartAsync(configuration, variables);
        using var client = new BearerClient(process.Url);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/machine/acme/x", Token())).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/machine/acme/x", null)).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/open/x", null)).Status);
        foreach (var path in new[] { "/auth/login", "/auth/session", "/auth/sign-in", "/auth/logout", "/auth/callback?code=x", "/auth/callback?code=x&state=y", "/auth/select-org", "/auth/error" })
            Assert.InRange((int)(await client.GetAsync(path, null)).Status, 200, 499);
    }

    public void Dispose() => _client.Dispose();

    private static long At(int seconds) => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + seconds;

    private static JsonObject Claims(string issuer, Action<JsonObject> change)
    {
        var claims = new JsonObject { ["iss"] = issuer, ["sub"] = HostileProvider.Subject, ["aud"] = BearerServers.Audience, ["iat"] = At(0), ["exp"] = At(300) };
        change(claims);
        return claims;
    }
}
