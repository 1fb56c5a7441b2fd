using System.Diagnostics;
using System.Net;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Tokens;

public sealed class RefreshAcrossReplicasTests(ThreeReplicas replicas) : IClassFixture<ThreeReplicas>
{
    private GatewayStack Stack => replicas.Stack;

    private Counters Counters => Stack.Provider.Counters;

    [Theory]
    [InlineData(0)]
    [InlineData(1500)]
    [Trait("Row", "S17")]
    [Trait("Row", "A14")]
    [Trait("Row", "T123")]
    [Trait("Row", "O55")]
    public async Task A_hundred_and_fifty_requests_at_three_replicas_cause_one_refresh(int providerDelay)
    {
        using var client = new CookieClient();
        var cookie = await SignedInEverywhereAsync("carol@initech.test", client);
        await ThreeReplicas.UntilExpiredAsync();
        var (before, began) = (Counters.RefreshGrants.Value, Stopwatch.GetTimestamp());
        Stack.Provider.Faults.Token = new() { Delay = TimeSpan.FromMilliseconds(providerDelay) };
        try
        {
            var statuses = await Task.WhenAll(Enumerable.Range(0, 150).Select(i => client.StatusAsync(replicas.Gateways[i % 3].Url, "/me", cookie)));
            Assert.Equal(Enumerable.Repeat(HttpStatusCode.OK, 150), statuses);
        }
        finally
        {
            Stack.Provider.Faults.Token = null;
        }
        // One for a token's life; a machine that takes longer than that for them all is in the next one.
        Assert.InRange(Counters.RefreshGrants.Value - before, 1, 1 + (int)(Stopwatch.GetElapsedTime(began) / ThreeReplicas.Life));
        Assert.Equal(0, Counters.ReuseDetections.Value);
    }

    [Fact]
    [Trait("Row", "T99")]
    [Trait("Row", "O58")]
    [Trait("Row", "T126")]
    public async Task A_caller_that_goes_away_leaves_its_refresh_going()
    {
        using var client = new CookieClient();
        var cookie = await SignedInEverywhereAsync("bob@globex.test", client);
        await ThreeReplicas.UntilExpiredAsync();
        var (before, asked) = (Counters.Refreshes.Value, Counters.Token.Value);
        Stack.Provider.Faults.Token = new() { Delay = TimeSpan.FromSeconds(1), Times = 1 };
        using (var impatient = new HttpClient())
        using (var leaves = new CancellationTokenSource())
        {
            var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Stack.Url, "/me")) { Headers = { { "Cookie", "orggw=" + cookie } } };
            var answer = impatient.SendAsync(request, leaves.Token);
            await Wait.UntilAsync(() => Counters.Token.Value > asked, TimeSpan.FromSeconds(10), "the refresh is under way");
            await leaves.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        }
        await Wait.UntilAsync(() => Counters.Refreshes.Value > before, TimeSpan.FromSeconds(10), "the provider answers");
        // The next one, with the same cookie and at another replica, finds the result.
        Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(replicas.Gateways[1].Url, "/me", cookie));
        Assert.Equal(1, Counters.Refreshes.Value - before);
        Assert.Equal(0, Counters.ReuseDetections.Value);
    }

    [Fact]
    [Trait("Row", "T54")]
    [Trait("Row", "O114")]
    public async Task Roles_that_changed_at_the_provider_decide_from_the_next_refresh_on()
    {
        using var client = new CookieClient();
        var user = new DemoUser("u-erin", "erin@acme.test", "Erin", DemoDirectory.Password, [new("org_acme", "acme", "Acme Ltd", ["member"])]);
        Stack.Provider.Put(user);
        var cookie = await SignedInEverywhereAsync(user.Email, client);
        Assert.Equal(HttpStatusCode.Forbidden, await client.StatusAsync(Stack.Url, "/orgs/acme/admin/x", cookie));
        Stack.Provider.Put(user with { Memberships = [new("org_acme", "acme", "Acme Ltd", ["admin"])] });
        await ThreeReplicas.UntilExpiredAsync();
        foreach (var gateway in replicas.Gateways)
            Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(gateway.Url, "/orgs/acme/admin/x", cookie));
        Stack.Provider.Put(user with { Memberships = [] });
        await ThreeReplicas.UntilExpiredAsync();
        foreach (var gateway in replicas.Gateways)
            Assert.Equal(HttpStatusCode.Forbidden, await client.StatusAsync(gateway.Url, "/orgs/acme/admin/x", cookie));
    }

    [Fact]
    [Trait("Row", "T125")]
    public async Task A_replica_killed_while_it_presents_the_token_costs_one_sign_in_and_no_second_presentation()
    {
        using var client = new CookieClient();
        var victim = await Stack.StartReplicaAsync();
        var cookie = await SignedInEverywhereAsync("alice@acme.test", client);
        Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(victim.Url, "/me", cookie));
        await ThreeReplicas.UntilExpiredAsync();
        var asked = Counters.Token.Value;
        Stack.Provider.Faults.Token = new() { Hangs = true };
        try
        {
            var lost = client.StatusAsync(victim.Url, "/me", cookie);
            await Wait.UntilAsync(() => Counters.Token.Value > asked, TimeSpan.FromSeconds(10), "the refresh is under way");
            using (var process = Process.GetProcessById(victim.ProcessId))
                process.Kill();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => lost);
        }
        finally
        {
            Stack.Provider.Faults.Token = null;
        }
        // The others wait for the lease to end, and a little longer for a process that is merely slow.
        Assert.Equal(HttpStatusCode.Unauthorized, await client.StatusAsync(Stack.Url, "/me", cookie));
        Assert.Equal(HttpStatusCode.Unauthorized, await client.StatusAsync(replicas.Gateways[1].Url, "/me", cookie));
        Assert.Equal(1, Counters.Token.Value - asked);
        await SignedInEverywhereAsync("alice@acme.test", client);
    }

    [Fact]
    [Trait("Row", "P8")]
    public async Task A_route_with_a_claim_age_asks_again_once_for_all_and_a_lost_role_is_lost_there()
    {
        var age = TimeSpan.FromSeconds(5);
        using var client = new CookieClient();
        var user = new DemoUser("u-frank", "frank@acme.test", "Frank", DemoDirectory.Password, [new("org_acme", "acme", "Acme Ltd", ["admin"])]);
        Stack.Provider.Put(user);
        var cookie = await SignedInEverywhereAsync(user.Email, client);
        Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(Stack.Url, "/fresh/acme/x", cookie));

        var removed = Stopwatch.GetTimestamp();
        Stack.Provider.Put(user with { Memberships = [] });
        await Wait.UntilAsync(() => Stopwatch.GetElapsedTime(removed) > age, age * 3, "what the provider said grows old");
        var (before, began) = (Counters.RefreshGrants.Value, Stopwatch.GetTimestamp());
        var statuses = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => client.StatusAsync(replicas.Gateways[i % 3].Url, "/fresh/acme/x", cookie)));
        Assert.Equal(Enumerable.Repeat(HttpStatusCode.Forbidden, 60), statuses);
        // Once in a period; a machine that takes longer than that for sixty requests is in the next one.
        Assert.InRange(Counters.RefreshGrants.Value - before, 1, 1 + (int)(Stopwatch.GetElapsedTime(began) / age));
        Assert.Equal(0, Counters.ReuseDetections.Value);
    }

    [Fact]
    [Trait("Row", "P12")]
    public async Task While_the_provider_is_away_a_route_may_serve_and_the_others_say_when_to_come_back()
    {
        using var client = new CookieClient();
        var cookie = await SignedInEverywhereAsync("bob@globex.test", client);
        Stack.Provider.Faults.Token = new() { Status = 503, RetryAfter = 2 };
        try
        {
            await ThreeReplicas.UntilExpiredAsync();
            foreach (var gateway in replicas.Gateways)
            {
                using var refused = await client.GetAsync(gateway.Url, "/me", cookie);
                Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
                Assert.NotNull(refused.Headers.RetryAfter);
                Assert.False(refused.Headers.Contains("Set-Cookie"));
                Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(gateway.Url, "/lenient/globex/x", cookie));
            }
        }
        finally
        {
            Stack.Provider.Faults.Token = null;
        }
        await Wait.UntilAsync(async () => await client.StatusAsync(Stack.Url, "/me", cookie) == HttpStatusCode.OK, TimeSpan.FromSeconds(20), "the session goes on");

        // Without any grace the session is over when the provider does not answer.
        var configuration = DemoConfiguration.Elsewhere(Stack.Configuration);
        configuration["Gateway"]!["IdentityProviders"]!["main"]!["OutageGrace"] = "00:00:00";
        var strict = await Stack.StartGatewayAsync(configuration);
        Stack.Provider.Faults.Token = new() { Status = 503 };
        try
        {
            await ThreeReplicas.UntilExpiredAsync();
            Assert.Equal(HttpStatusCode.Unauthorized, await client.StatusAsync(strict.Url, "/me", cookie));
        }
        finally
        {
            Stack.Provider.Faults.Token = null;
        }
    }

    private async Task<string> SignedInEverywhereAsync(string email, CookieClient client)
    {
        using var browser = await Stack.SignedInAsync(email);
        var cookie = Stack.SessionOf(browser)!;
        foreach (var gateway in replicas.Gateways)
            Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(gateway.Url, "/me", cookie));
        return cookie;
    }
}
