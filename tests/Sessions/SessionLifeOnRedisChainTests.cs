using System.Net;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sessions;

public sealed class SessionLifeOnRedisChainTests(ShortLivedTokensOnRedis servers) : SessionLifeChainTests(servers), IClassFixture<ShortLivedTokensOnRedis>
{
    [Fact]
    [Trait("Row", "S17")]
    public async Task Fifty_parallel_requests_at_two_replicas_cause_one_refresh()
    {
        var stack = servers.Stack;
        var replica = await stack.StartReplicaAsync();
        using var browser = await stack.SignedInAsync("carol@initech.test");
        var cookie = stack.SessionOf(browser)!;
        using var client = new CookieClient();
        Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(replica.Url, "/me", cookie));
        await ShortLivedTokens.UntilExpiredAsync();
        var before = stack.Provider.Counters.RefreshGrants.Value;
        var statuses = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => client.StatusAsync(i % 2 == 0 ? stack.Url : replica.Url, "/me", cookie)));
        Assert.Equal(Enumerable.Repeat(HttpStatusCode.OK, 50), statuses);
        Assert.Equal(1, stack.Provider.Counters.RefreshGrants.Value - before);

        await ShortLivedTokens.UntilExpiredAsync();
        Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(replica.Url, "/me", cookie));
        Assert.Equal(2, stack.Provider.Counters.RefreshGrants.Value - before);
        Assert.Equal(0, stack.Provider.Counters.ReuseDetections.Value);
    }
}
