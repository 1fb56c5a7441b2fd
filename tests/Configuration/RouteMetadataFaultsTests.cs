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

    private static IReadOnlyList<string> FaultsOf(string key, string value)
    {
        var faults = new Faults();
        var route = new RouteConfig { RouteId = "r", ClusterId = "app", Match = new() { Path = "/r/{**rest}" }, Metadata = new Dictionary<string, string> { ["Access"] = "authenticated", ["Token"] = "user", [key] = value } };
        new RoutePolicyParser(route, faults).Parse(new OrganizationCatalog(new Dictionary<string, OrganizationOptions>(), new Dictionary<string, List<string>>(), "main"));
        return faults.All;
    }
}
