using System.Text.Json.Nodes;
using OrgGateway.Tests.Conformance;

namespace OrgGateway.Tests.Perimeter;

/// <summary>A consultant's four hundred organizations: each request speaks of one of them.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class ManyOrganizationsTests(ConformanceServers servers)
{
    [Theory, Trait("Row", "G18"), Trait("Row", "T17")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_stays_below_eight_kilobytes_for_a_member_of_four_hundred_organizations(bool inIdToken)
    {
        var provider = servers.Provider(ConformanceModules.Basic);
        provider.Behave();
        var organizations = new JsonObject();
        for (var i = 0; i < 400; i++)
            organizations[$"org_many_{i:000}"] = new JsonObject { ["slug"] = $"many-{i:000}", ["roles"] = new JsonArray($"a-long-role-name-of-{i:000}", "member") };
        if (inIdToken)
            provider.ChangeClaims = claims => claims["organizations"] = organizations.DeepClone(); // some 35 KiB of token
        else
            provider.ChangeUserInfo = info => info["organizations"] = organizations.DeepClone();
        try
        {
            using var run = await ConformanceRun.OfAsync(servers, provider, ConformanceModules.Basic);
            run.SignedIn();
            foreach (var organization in new[] { "many-000", "many-399", "org_many_200" })
            {
                Assert.Equal(200, (await run.Browser.GetAsync($"/orgs/{organization}/x", CancellationToken.None)).Status);
                var arrived = servers.Upstream.LastRequest;
                Assert.Equal($"a-long-role-name-of-{organization[^3..]},member", arrived.Header("X-Auth-Roles"));
                Assert.InRange(arrived.Headers.Sum(h => h.Key.Length + h.Value.Length + 4), 1, (8 * 1024) - 1);
            }
        }
        finally
        {
            (provider.ChangeUserInfo, provider.ChangeClaims) = (null, null);
        }
    }
}
