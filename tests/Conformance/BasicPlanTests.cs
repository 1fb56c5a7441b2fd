using System.Text;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conformance;

/// <summary>oidcc-client-basic-certification-test-plan, module by module.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class BasicPlanTests(ConformanceServers servers)
{
    [Fact, Trait("Row", "O74")]
    public async Task Client_test()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "oidcc-client-test")).SignedIn();
        Assert.Equal((1, 1), (run.TokenRequests, run.UserInfoRequests));
        Assert.Equal(HostileProvider.Subject, servers.Upstream.LastRequest.Header("X-Auth-User-Id"));
    }

    [Fact, Trait("Row", "O75")]
    public Task Invalid_iss() => RefusedAsync("invalid-iss");

    [Fact, Trait("Row", "O76")]
    public Task Invalid_aud() => RefusedAsync("invalid-aud");

    [Fact, Trait("Row", "O77")]
    public Task Missing_sub() => RefusedAsync("missing-sub");

    [Fact, Trait("Row", "O78")]
    public Task Missing_iat() => RefusedAsync("missing-iat");

    [Fact, Trait("Row", "O80")]
    public Task Kid_absent_single_jwks() => SignedInAsync("kid-absent-single-jwks");

    [Fact, Trait("Row", "O81")]
    public Task Kid_absent_multiple_jwks() => RefusedAsync("kid-absent-multiple-jwks");

    [Fact, Trait("Row", "O82")]
    public Task Idtoken_sig_rs256() => SignedInAsync("idtoken-sig-rs256");

    [Fact, Trait("Row", "O83")]
    public Task Idtoken_sig_none() => RefusedAsync("idtoken-sig-none");

    [Fact, Trait("Row", "O84")]
    public Task Invalid_sig_rs256() => RefusedAsync("invalid-sig-rs256");

    [Fact, Trait("Row", "O87")]
    public async Task Userinfo_invalid_sub()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "userinfo-invalid-sub")).SignedIn();
        var user = (await run.SessionAsync())["user"]!;
        Assert.Equal(HostileProvider.Subject, (string?)user["id"]);
        Assert.Null((string?)user["email"]);
        Assert.Null(servers.Upstream.LastRequest.Header("X-Auth-User-Email"));
    }

    [Fact, Trait("Row", "O88")]
    public Task Nonce_invalid() => RefusedAsync("nonce-invalid");

    [Fact, Trait("Row", "O89")]
    public async Task Scope_userinfo_claims()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "scope-userinfo-claims")).SignedIn();
        Assert.Equal("openid profile email offline_access", run.Provider.Front.LastRequest["scope"]);
        var user = (await run.SessionAsync())["user"]!;
        Assert.Equal(("Alice Archer", "alice@acme.test"), ((string?)user["name"], (string?)user["email"]));
    }

    [Fact, Trait("Row", "O90")]
    public async Task Client_secret_basic()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "client-secret-basic")).SignedIn();
        var request = run.Provider.Token.LastRequest;
        var credentials = Encoding.ASCII.GetString(Convert.FromBase64String(request.Authorization!["Basic ".Length..])).Split(':');
        Assert.Equal([HostileProvider.ClientId, HostileProvider.ClientSecret], credentials.Select(System.Net.WebUtility.UrlDecode));
        Assert.False(request.Form.ContainsKey("client_secret"));
    }

    private async Task RefusedAsync(string module)
    {
        using var run = (await ConformanceRun.OfAsync(servers, module)).Refused();
    }

    private async Task SignedInAsync(string module)
    {
        using var run = (await ConformanceRun.OfAsync(servers, module)).SignedIn();
    }
}
