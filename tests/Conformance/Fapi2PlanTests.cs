using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conformance;

/// <summary>Modules of fapi2-security-profile-final-client-test that hold for any client.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class Fapi2PlanTests(ConformanceServers servers)
{
    [Fact, Trait("Row", "O132")]
    public Task Invalid_authorization_response_iss() => RefusedAsync("invalid-authorization-response-iss", tokenRequests: 0);

    [Fact, Trait("Row", "O133")]
    public Task Remove_authorization_response_iss() => RefusedAsync("remove-authorization-response-iss", tokenRequests: 0);

    [Fact, Trait("Row", "O134")]
    public Task Ensure_authorization_response_with_invalid_state_fails() =>
        RefusedAsync("ensure-authorization-response-with-invalid-state-fails", tokenRequests: 0);

    [Fact, Trait("Row", "O135"), Trait("Row", "O31")]
    public Task Ensure_authorization_response_with_missing_state_fails() =>
        RefusedAsync("ensure-authorization-response-with-missing-state-fails", tokenRequests: 0);

    [Fact, Trait("Row", "O136")]
    public Task Invalid_alternate_alg() => RefusedAsync("invalid-alternate-alg");

    [Fact, Trait("Row", "O137")]
    public Task Invalid_null_alg() => RefusedAsync("invalid-null-alg");

    [Fact, Trait("Row", "O138")]
    public Task Invalid_expired_exp() => RefusedAsync("invalid-expired-exp");

    [Fact, Trait("Row", "O139")]
    public Task Invalid_missing_exp() => RefusedAsync("invalid-missing-exp");

    [Fact, Trait("Row", "O140")]
    public Task Invalid_missing_iss() => RefusedAsync("invalid-missing-iss");

    [Fact, Trait("Row", "O141")]
    public Task Invalid_missing_aud() => RefusedAsync("invalid-missing-aud");

    [Fact, Trait("Row", "O142")]
    public Task Invalid_missing_nonce() => RefusedAsync("invalid-missing-nonce");

    [Fact, Trait("Row", "O143")]
    public Task Invalid_secondary_aud() => RefusedAsync("invalid-secondary-aud");

    [Fact, Trait("Row", "O144")]
    public async Task Valid_aud_as_array()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "valid-aud-as-array")).SignedIn();
    }

    [Fact, Trait("Row", "O145")]
    public async Task Token_type_case_insensitivity()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "token-type-case-insensitivity")).SignedIn();
        Assert.Equal("Bearer " + HostileProvider.AccessToken, servers.Upstream.LastRequest.Header("Authorization"));
    }

    [Fact, Trait("Row", "O146")]
    public async Task Token_endpoint_response_without_expires_in()
    {
        using var run = (await ConformanceRun.OfAsync(servers, "token-endpoint-response-without-expires_in")).SignedIn();
        // The default lifetime, five minutes, is not over: nobody asks for a new token.
        Assert.Equal(200, (await run.Browser.GetAsync("/me", CancellationToken.None)).Status);
        Assert.Equal(1, run.TokenRequests);
    }

    private async Task RefusedAsync(string module, int tokenRequests = 1)
    {
        using var run = (await ConformanceRun.OfAsync(servers, module)).Refused();
        Assert.Equal(tokenRequests, run.TokenRequests);
    }
}
