using OrgGateway.Access;
using OrgGateway.Configuration;
using OrgGateway.Orgs;
using Yarp.ReverseProxy.Configuration;

namespace OrgGateway.Tests.Configuration;

/// <summary>What a route's metadata may not say, and that the fault names the route and what is allowed.</summary>
public sealed class RouteMetadataFaultsTests
{
    [Theory]
    [InlineData("Host")]
    [InlineData("cookie")]
    [InlineData("Connection")]
    [InlineData("Content-Length")]
    [InlineData("transfer-encoding")]
    [InlineData("X-Auth-Org-Id")]
    [InlineData("x-auth-assertion")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Request-Id")]
    [InlineData("bad header")]
    public void A_token_goes_in_no_header_that_says_something_else(string name) =>
        Assert.Contains("Routes:r:Metadata:TokenHeader: ", Assert.Single(FaultsOf("TokenHeader", name)), StringComparison.Ordinal);

    [Theory]
    [InlineData("X-Auth-Token")]
    [InlineData("X-Api-Key")]
    [InlineData("Proxy-Authorization")]
    [InlineData("authorization")]
    public void Names_of_the_applications_own_are_free(string name) => Assert.Empty(FaultsOf("TokenHeader", name));

    [Theory]
    [InlineData("JWT", true)]
    [InlineData("", true)]
    [InlineData("Token token=", true)]
    [InlineData("a\r\nX-Evil: 1", false)]
    [InlineData("caf\u00e9", false)]
    public void A_scheme_is_one_line_of_visible_text(string scheme, bool isSound) => Assert.Equal(isSound, FaultsOf("TokenScheme", scheme).Count == 0);

    [Theory]
    [InlineData("Acces", "did you mean 'Access'?")]
    [InlineData("Zzzzzzzzzzzzzzz", "unknown; ")]
    public void An_unknown_key_is_a_fault_that_names_the_route_and_all_that_is_allowed(string key, string says)
    {
        var fault = Assert.Single(FaultsOf(key, "x"));
        Assert.StartsWith($"ReverseProxy:Routes:r:Metadata:{key}: unknown; ", fault, StringComparison.Ordinal);
        Assert.Contains(says, fault, StringComparison.Ordinal);
        foreach (var known in new[] { "Access", "Credentials", "HideExistence", "MaxClaimAge", "WebSocket" })
            Assert.Contains(known, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Roles", "")]
    [InlineData("Roles", " , ")]
    [InlineData("Permissions", "")]
    [InlineData("Credentials", "")]
    [InlineData("RateLimit", ",")]
    [InlineData("Origins", "")]
    [InlineData("Acr", " ")]
    public void A_list_of_nothing_asks_for_nothing_and_is_a_fault(string key, string value) =>
        Assert.Contains(FaultsOf(key, value), fault => fault.StartsWith($"ReverseProxy:Routes:r:Metadata:{key}: is empty", StringComparison.Ordinal));

    [Theory]
    [InlineData("Token", "org", "exchange:<audience>")]
    [InlineData("RateLimit", "nope", "there are none")]
    [InlineData("GraphQl", "on", "allowed are off, kraken, apollo, or a list")]
    [InlineData("GraphQl", "kraken, apollo", "allowed are off, kraken, apollo, or a list")]
    public void A_wrong_value_is_a_fault_that_says_what_is_allowed(string key, string value, string says) =>
        Assert.Contains(says, Assert.Single(FaultsOf(key, value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("/x/{org}/y", 1)]
    [InlineData("/x/{Org}/{**rest}", 1)]
    [InlineData("/{ORG:length(1,9)}", 0)]
    [InlineData("/x/{org?}", 1)]
    [InlineData("/x/{org=acme}", 1)]
    [InlineData("/x/{id}", null)]
    public void An_org_segment_is_known_however_it_is_written(string path, int? segment)
    {
        var (policy, faults) = PolicyOf(path, []);
        Assert.Empty(faults.All);
        Assert.Equal((segment, segment is null ? AccessLevel.Authenticated : AccessLevel.Member), (policy.OrgSegment, policy.Access));
    }

    [Theory]
    [InlineData("/x-{org}/y")]
    [InlineData("/{org}.json")]
    [InlineData("/x/{**org}")]
    [InlineData("/x/{*ORG}")]
    public void What_only_looks_like_an_org_segment_is_a_fault_and_never_a_weaker_route(string path)
    {
        Assert.StartsWith("ReverseProxy:Routes:r:Match:Path: {org} must be a segment of its own", Assert.Single(PolicyOf(path, []).Faults.All), StringComparison.Ordinal);
        Assert.Empty(PolicyOf(path, new() { ["Org"] = "none" }).Faults.All);
    }

    [Theory]
    [InlineData("Credentials", "session, bearer, apikey")]
    [InlineData("Access", "public")]
    [InlineData("GraphQl", "kraken")]
    public void What_does_nothing_for_some_requests_is_a_warning(string key, string value)
    {
        var (_, faults) = PolicyOf("/r/{org}/{**rest}", new() { ["Token"] = "user", ["Replay"] = "off", [key] = value });
        Assert.Empty(faults.All);
        Assert.Single(faults.Warnings);
    }

    private static IReadOnlyList<string> FaultsOf(string key, string value) =>
        PolicyOf("/r/{**rest}", new() { ["Access"] = "authenticated", ["Token"] = "user", [key] = value }).Faults.All;

    private static (RoutePolicy Policy, Faults Faults) PolicyOf(string path, Dictionary<string, string> metadata)
    {
        var faults = new Faults();
        var route = new RouteConfig { RouteId = "r", ClusterId = "app", Match = new() { Path = path }, Metadata = metadata };
        return (new RoutePolicyParser(route, faults).Parse(new OrganizationCatalog(new Dictionary<string, OrganizationOptions>(), new Dictionary<string, List<string>>(), "main")), faults);
    }
}
