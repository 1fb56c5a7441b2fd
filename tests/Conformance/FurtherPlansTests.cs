using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conformance;

/// <summary>Modules of the Config, Dynamic, Hybrid, Implicit, Session Management and Full plans; what is not offered is proved absent.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class FurtherPlansTests(ConformanceServers servers)
{
    [Fact, Trait("Row", "O79")]
    public Task Missing_aud() => RefusedAsync("missing-aud");

    [Fact, Trait("Row", "O85")]
    public Task Invalid_sig_es256() => RefusedAsync("invalid-sig-es256");

    [Fact, Trait("Row", "O86")]
    public Task Invalid_sig_hs256() => RefusedAsync("invalid-sig-hs256");

    [Fact, Trait("Row", "O91")]
    public async Task Discovery_openid_config()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "discovery-openid-config")).SignedIn();
        Assert.InRange(run.Provider.Metadata.Hits, 1, 2); // and not at every login
    }

    [Fact, Trait("Row", "O92")]
    public async Task Discovery_jwks_uri_keys()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "discovery-jwks-uri-keys")).SignedIn();
        Assert.InRange(run.Provider.Keys.Hits, 1, 5); // once, and once a cooldown for the other modules' unknown keys
    }

    [Fact, Trait("Row", "O93")]
    public Task Discovery_issuer_mismatch() => NoLoginStartsAsync("discovery-issuer-mismatch");

    [Fact, Trait("Row", "O147")]
    public Task Fapi2_discovery_issuer_mismatch() => NoLoginStartsAsync("discovery-issuer-mismatch");

    [Fact, Trait("Row", "O94")]
    public async Task Signing_key_rotation_just_before_signing()
    {
        using (var before = await ConformanceRun.OfAsync(servers, servers.Provider("rotated-before"), "rotated-before"))
            before.SignedIn();
        var fetched = servers.Provider("rotated-before").Keys.Hits;
        using var run = (await ConformanceRun.OfAsync(servers, "signing-key-rotation-just-before-signing")).SignedIn();
        Assert.Equal((fetched + 1, 1), (run.Provider.Keys.Hits, run.TokenRequests));
    }

    [Fact, Trait("Row", "O95")]
    public async Task Signing_key_rotation()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "signing-key-rotation")).SignedIn();
        run.Provider.RotateKey("key-2");
        await run.LoginAsync();
        run.SignedIn();
    }

    [Theory, Trait("Row", "O96"), Trait("Row", "O97"), Trait("Row", "O98")]
    [InlineData("discovery-webfinger-acct")]
    [InlineData("discovery-webfinger-url")]
    [InlineData("dynamic-registration")]
    public async Task Not_offered_so_never_asked(string module)
    {
        using var run = (await ConformanceRun.OfAsync(servers, "oidcc-client-test")).SignedIn();
        Assert.True(run.Provider.Strays.IsEmpty, $"{module}: {string.Join(", ", run.Provider.Strays)}");
    }

    [Theory, Trait("Row", "O99"), Trait("Row", "O100")]
    [InlineData("request-uri-signed-rs256")]
    [InlineData("request-uri-signed-none")]
    public async Task No_request_object_is_sent(string module)
    {
        using var run = (await ConformanceRun.OfAsync(servers, "oidcc-client-test")).SignedIn();
        Assert.True(!run.Provider.Front.LastRequest.ContainsKey("request_uri") && !run.Provider.Front.LastRequest.ContainsKey("request"), module);
    }

    [Fact, Trait("Row", "O102")]
    public async Task Nonce_unless_code_flow()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "nonce-unless-code-flow")).SignedIn();
        var first = run.Provider.Front.LastRequest["nonce"];
        await run.LoginAsync();
        Assert.NotEqual(first, run.Provider.Front.LastRequest["nonce"]);
    }

    [Fact, Trait("Row", "O103")]
    public Task Invalid_athash() => RefusedAsync("invalid-athash");

    [Fact, Trait("Row", "O104")]
    public async Task Missing_athash()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "missing-athash")).SignedIn();
    }

    [Fact, Trait("Row", "O105")]
    public Task Invalid_chash() => RefusedAsync("invalid-chash", tokenRequests: 0);

    [Fact, Trait("Row", "O106")]
    public Task Missing_chash() => RefusedAsync("missing-chash", tokenRequests: 0);

    [Fact, Trait("Row", "O107")]
    public async Task Userinfo_bearer_header()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "userinfo-bearer-header")).SignedIn();
        Assert.Equal("Bearer " + HostileProvider.AccessToken, run.Provider.UserInfo.LastRequest.Authorization);
    }

    [Fact, Trait("Row", "O108")]
    public async Task Userinfo_bearer_body()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "userinfo-bearer-body")).SignedIn();
        var request = run.Provider.UserInfo.LastRequest;
        Assert.Equal(("GET", "", 0), (request.Method, request.Query, request.Form.Count));
    }

    [Theory, Trait("Row", "O109"), Trait("Row", "O110")]
    [InlineData("aggregated-claims")]
    [InlineData("distributed-claims")]
    public async Task Claims_from_elsewhere_are_ignored(string module)
    {
        using var run = (await ConformanceRun.OfAsync(servers, module)).SignedIn();
        Assert.Equal("alice@acme.test", (string?)(await run.SessionAsync())["user"]!["email"]);
        Assert.Empty(run.Provider.Strays);
    }

    [Fact, Trait("Row", "O111")]
    public async Task Mtls_endpoint_aliases()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "mtls-endpoint-aliases")).SignedIn();
        Assert.Empty(run.Provider.Strays);
    }

    [Fact, Trait("Row", "O112")]
    public async Task Form_post_error()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "form-post-error")).Refused();
        Assert.Equal(0, run.TokenRequests);
        Assert.Contains("wants you to sign in again", run.End.Body);
    }

    [Fact, Trait("Row", "O118")]
    public async Task Session_management()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "session-management")).SignedIn();
        Assert.DoesNotContain("<iframe", run.End.Body);
    }

    private async Task NoLoginStartsAsync(string module)
    {
        using var run = await ConformanceRun.OfAsync(servers, module);
        Assert.Equal((503, "/auth/login"), (run.End.Status, run.End.Url.AbsolutePath));
        Assert.Equal((0, 0, false), (run.Provider.Front.Authorize.Hits, run.TokenRequests, run.HasSession));
    }

    private async Task RefusedAsync(string module, int tokenRequests = 1)
    {
        using var run = (await ConformanceRun.OfAsync(servers, module)).Refused();
        Assert.Equal(tokenRequests, run.TokenRequests);
    }
}
