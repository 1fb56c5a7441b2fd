using System.Text.RegularExpressions;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Perimeter;

/// <summary>Names that look alike or carry characters of other languages are data and nobody else's.</summary>
public sealed partial class TwinsAndOddNamesChainTests(DemoServersOnRedis demo) : IClassFixture<DemoServersOnRedis>
{
    private GatewayStack Stack => demo.Stack;

    [Fact, Trait("Row", "T71")]
    public async Task Subjects_that_differ_in_case_alone_are_two_people()
    {
        Stack.Provider.Put(new DemoUser("U-TWIN", "twin1@acme.test", "One", "demo", [new("org_acme", "acme", "Acme", ["admin"])]));
        Stack.Provider.Put(new DemoUser("u-twin", "twin2@acme.test", "Two", "demo", [new("org_globex", "globex", "Globex", ["viewer"])]));
        using var one = await Stack.SignedInAsync("twin1@acme.test");
        using var two = await Stack.SignedInAsync("twin2@acme.test");
        foreach (var (browser, sub, may, mayNot) in new[] { (one, "U-TWIN", "acme", "globex"), (two, "u-twin", "globex", "acme") })
        {
            Assert.Equal(200, (await browser.GetAsync($"/orgs/{may}/x", CancellationToken.None)).Status);
            Assert.Equal(sub, Stack.Upstream.LastRequest.Header("X-Auth-User-Id"));
            Assert.Equal(403, (await browser.GetAsync($"/orgs/{mayNot}/x", CancellationToken.None)).Status);
        }
        await one.GetAsync("/auth/logout", CancellationToken.None);
        Assert.Equal(200, (await two.GetAsync("/orgs/globex/x", CancellationToken.None)).Status);
    }

    [Fact, Trait("Row", "T115")]
    public async Task Characters_that_mean_something_to_Redis_mean_nothing_in_names()
    {
        using var bystander = await Stack.SignedInAsync("bob@globex.test");
        var before = (await demo.Redis.DumpAllAsync()).Count;
        foreach (var (sub, org) in new[] { ("*", "*"), ("a b %s {x} \"$5\"", "o{rg}"), ("x:y|z;DEL", "org*"), ("[a-z]?\\", "%s") })
        {
            Stack.Provider.Put(new DemoUser(sub, "odd@names.test", "Odd", "demo", [new(org, "acme*", "Odd", ["member"]), new("org_acme", "acme", "Acme", ["viewer"])]));
            using var odd = await Stack.SignedInAsync("odd@names.test");
            Assert.Equal(200, (await odd.GetAsync("/orgs/acme/x", CancellationToken.None)).Status);
            Assert.Equal(400, (await odd.GetAsync("/orgs/acme*/x", CancellationToken.None)).Status);
            foreach (var slug in new[] { "*", "{acme}", "a%20b", "%25s", "acme%0d%0aDEL" })
                Assert.True((await odd.GetOneAsync($"/orgs/{slug}/x", CancellationToken.None)).Status is 400 or 403);
            await odd.GetAsync("/auth/logout", CancellationToken.None);
        }
        var keys = (await demo.Redis.DumpAllAsync()).Keys.ToList();
        Assert.All(keys, key => Assert.Matches(PlainKey(), key));
        Assert.InRange(keys.Count, before, before + 40);
        Assert.Equal(200, (await bystander.GetAsync("/orgs/globex/x", CancellationToken.None)).Status);
    }

    [GeneratedRegex("^[A-Za-z0-9:_-]+$", RegexOptions.None, 1000)]
    private static partial Regex PlainKey();
}
