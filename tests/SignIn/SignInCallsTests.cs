using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>What a sign-in costs, counted: redirects, calls of the provider, writes of the store.</summary>
public sealed class SignInCallsTests(DemoServersOnRedis demo) : IClassFixture<DemoServersOnRedis>
{
    private GatewayStack Stack => demo.Stack;

    [Fact]
    public async Task A_sign_in_is_one_redirect_out_one_token_call_one_userinfo_call_and_two_writes()
    {
        using var first = await Stack.SignedInAsync("alice@acme.test");
        first.Cookies.Clear(Stack.Url);
        var counters = Stack.Provider.Counters;
        var before = (counters.Token.Value, counters.UserInfo.Value, counters.Discovery.Value, counters.Jwks.Value);
        var commands = await demo.Redis.CommandStatsAsync();

        var login = await PendingLogin.BeginAsync(first, "/auth/login?next=/auth/signed-out");
        var answer = await login.ReturnAsync();
        Assert.Equal("/auth/signed-out", answer.Hops[0].Location!.AbsolutePath);
        Assert.NotNull(Stack.SessionOf(first));

        Assert.Equal((before.Item1 + 1, before.Item2 + 1, before.Item3, before.Item4), (counters.Token.Value, counters.UserInfo.Value, counters.Discovery.Value, counters.Jwks.Value));
        var after = await demo.Redis.CommandStatsAsync();
        Assert.Equal((2, 1), (Asked("set"), Asked("getdel")));

        long Asked(string command) => after.GetValueOrDefault(command) - commands.GetValueOrDefault(command);
    }

    [Fact]
    [Trait("Row", "O5")]
    public async Task Metadata_and_keys_are_fetched_once_whoever_comes_and_never_again_for_warm_requests()
    {
        var replica = await Stack.StartReplicaAsync();
        var counters = Stack.Provider.Counters;
        var (metadata, keys) = (counters.Discovery.Value, counters.Jwks.Value);
        // Ten browsers at once on a gateway that has fetched nothing yet.
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            using var browser = new DemoBrowser(replica.Url);
            Assert.Equal(302, (await browser.GetOneAsync("/auth/login?next=/me", CancellationToken.None)).Status);
        }));
        Assert.Equal((metadata + 1, keys), (counters.Discovery.Value, counters.Jwks.Value));

        using var person = await Stack.SignedInAsync("alice@acme.test");
        var (tokens, infos) = (counters.Token.Value, counters.UserInfo.Value);
        (metadata, keys) = (counters.Discovery.Value, counters.Jwks.Value);
        for (var request = 0; request < 50; request++)
            Assert.Equal(200, (await person.GetOneAsync("/me", CancellationToken.None)).Status);
        Assert.Equal((tokens, infos, metadata, keys), (counters.Token.Value, counters.UserInfo.Value, counters.Discovery.Value, counters.Jwks.Value));
    }
}
