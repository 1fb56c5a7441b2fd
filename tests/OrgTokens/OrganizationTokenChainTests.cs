using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OrgGateway.Jose;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.OrgTokens;

/// <summary>Running gateways over real Redis and a Kraken-shaped issuer: the right token, minted once, kept sealed and shared.</summary>
public sealed class OrganizationTokenChainTests(KrakenFixture kraken) : IClassFixture<KrakenFixture>
{
    private GatewayStack Stack => kraken.Stack;

    [Fact, Trait("Row", "K1"), Trait("Row", "K5"), Trait("Row", "K6"), Trait("Row", "K4")]
    public async Task A_caller_without_an_account_reaches_the_upstream_with_the_organizations_raw_token()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Stack.Url, "/raw/kappa/x"));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer evil");
        request.Headers.TryAddWithoutValidation("X-Auth-Org-Id", "evil");
        request.Headers.TryAddWithoutValidation("x-kraken-client-ip", "9.9.9.9");
        using var answer = await kraken.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var arrived = Stack.Upstream.Requests.Last(r => r.RawTarget == "/raw/kappa/x");
        var token = arrived.Header("Authorization");
        Assert.Equal("kappa", kraken.Kraken.OrganizationOf(token));
        Assert.DoesNotContain(arrived.Headers, h => h.Value.Contains("evil", StringComparison.Ordinal) || h.Value.Contains("9.9.9.9", StringComparison.Ordinal));
        Assert.Equal("anonymous", arrived.Header("X-Auth-Type"));
    }

    [Fact, Trait("Row", "K34"), Trait("Row", "T62")]
    public async Task Each_organizations_token_is_minted_with_its_own_secret()
    {
        foreach (var (org, prefix) in new[] { ("kappa", ""), ("lambda", ""), ("omega", ""), ("kappa", ""), ("omega", "") })
        {
            using var answer = await kraken.GetAsync($"/raw/{org}/own");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(org, kraken.Kraken.OrganizationOf(Stack.Upstream.Requests.Last(r => r.RawTarget == $"/raw/{org}/own").Header("Authorization")![prefix.Length..]));
        }
    }

    [Fact, Trait("Row", "K2"), Trait("Row", "K3")]
    public async Task The_users_token_is_preferred_where_a_session_exists()
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Stack.Url, "/either/acme/x"));
        request.Headers.TryAddWithoutValidation("Cookie", "orggw=" + Stack.SessionOf(browser));
        using var withSession = await kraken.Http.SendAsync(request);
        var user = Stack.Upstream.Requests.Last(r => r.RawTarget == "/either/acme/x").Header("Authorization")!;
        using var without = await kraken.GetAsync("/either/kappa/x");
        var organization = Stack.Upstream.Requests.Last(r => r.RawTarget == "/either/kappa/x").Header("Authorization")!;

        Assert.True(Jws.TryReadUnverified(user["Bearer ".Length..], out _, out var claims));
        Assert.Equal("u-alice", claims.GetProperty("sub").GetString());
        Assert.Equal("kappa", kraken.Kraken.OrganizationOf(organization["Bearer ".Length..]));
    }

    [Fact, Trait("Row", "T63")]
    public async Task A_cached_token_does_not_stand_for_a_right_to_it()
    {
        using var browser = await Stack.SignedInAsync("bob@globex.test");
        var cookie = "orggw=" + Stack.SessionOf(browser);
        foreach (var (path, expected) in new[] { ("/orgs/globex/reports/x", 200), ("/leading/globex/x", 403), ("/orgs/globex/reports/x", 200) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Stack.Url, path));
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
            using var answer = await kraken.Http.SendAsync(request);
            Assert.Equal((path, expected), (path, (int)answer.StatusCode));
        }
    }

    [Fact, Trait("Row", "K32")]
    public async Task The_upstream_gets_the_callers_address_where_the_source_has_a_key_for_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Stack.Url, "/raw/lambda/address"));
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", "203.0.113.7");
        using var answer = await kraken.Http.SendAsync(request);
        var arrived = Stack.Upstream.Requests.Last(r => r.RawTarget == "/raw/lambda/address");

        Assert.Equal(("203.0.113.7", Convert.ToBase64String("shared-address-key"u8)), (arrived.Header("x-kraken-client-ip"), arrived.Header("x-kraken-client-ip-authorization")));
        using var other = await kraken.GetAsync("/raw/kappa/address");
        Assert.Null(Stack.Upstream.Requests.Last(r => r.RawTarget == "/raw/kappa/address").Header("x-kraken-client-ip"));
    }

    [Fact, Trait("Row", "K22"), Trait("Row", "K17")]
    public async Task Two_hundred_requests_over_three_replicas_without_a_token_cause_one_mint()
    {
        var configuration = kraken.Apart();
        await using var one = await KrakenFixture.StartAsync(configuration);
        await using var two = await KrakenFixture.StartAsync(configuration);
        await using var three = await KrakenFixture.StartAsync(configuration);
        var gateways = new[] { one, two, three };
        var minted = kraken.Kraken.Mints;
        kraken.Kraken.MintTakes = TimeSpan.FromMilliseconds(300);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            using var answer = await kraken.GetAsync("/raw/kappa/many", gateways[i % gateways.Length]);
            return (int)answer.StatusCode;
        }));
        kraken.Kraken.MintTakes = TimeSpan.Zero;

        Assert.All(answers, status => Assert.Equal(200, status));
        Assert.Equal(1, kraken.Kraken.Mints - minted);
    }

    [Fact, Trait("Row", "K7"), Trait("Row", "K9"), Trait("Row", "K11"), Trait("Row", "T72")]
    public async Task A_value_that_was_moved_or_damaged_in_Redis_is_a_miss_and_never_an_error()
    {
        var configuration = kraken.Apart();
        await using var first = await KrakenFixture.StartAsync(configuration);
        foreach (var org in new[] { "kappa", "lambda" })
            (await kraken.GetAsync($"/raw/{org}/seed", first)).Dispose();
        var keys = await kraken.StoredTokensAsync(configuration);
        Assert.Equal(2, keys.Count);
        Assert.All(keys, e => Assert.DoesNotMatch(CompactToken.Pattern, Encoding.Latin1.GetString(e.Value)));
        await kraken.Redis.AskAsync("COPY", keys[0].Key, keys[1].Key, "REPLACE");
        await kraken.Redis.AskAsync("SETRANGE", keys[0].Key, "40", "x");
        var minted = kraken.Kraken.Mints;

        await using var second = await KrakenFixture.StartAsync(configuration);
        foreach (var org in new[] { "kappa", "lambda" })
        {
            using var answer = await kraken.GetAsync($"/raw/{org}/moved", second);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(org, kraken.Kraken.OrganizationOf(Stack.Upstream.Requests.Last(r => r.RawTarget == $"/raw/{org}/moved").Header("Authorization")));
        }
        Assert.Equal(2, kraken.Kraken.Mints - minted);
    }

    [Fact, Trait("Row", "K12")]
    public async Task A_thousand_warm_requests_read_nothing_from_Redis_and_mint_nothing()
    {
        (await kraken.GetAsync("/raw/kappa/warm")).Dispose();
        var (reads, minted) = (await ReadsAsync(), kraken.Kraken.Mints);
        for (var i = 0; i < 1000; i++)
        {
            using var answer = await kraken.GetAsync("/raw/kappa/warm");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        Assert.Equal((reads, minted), (await ReadsAsync(), kraken.Kraken.Mints));
    }

    [Fact, Trait("Row", "K31")]
    public async Task A_method_that_the_route_does_not_list_is_405_and_reaches_nobody()
    {
        (await kraken.GetAsync("/read/kappa/x")).Dispose();
        var before = Stack.Upstream.Hits;
        foreach (var method in new[] { "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "FOO" })
        {
            using var answer = await kraken.Http.SendAsync(new(new(method), new Uri(Stack.Url, "/read/kappa/x")));
            Assert.Equal((method, HttpStatusCode.MethodNotAllowed, "GET"), (method, answer.StatusCode, string.Join(", ", answer.Content.Headers.Allow)));
        }
        Assert.Equal(before, Stack.Upstream.Hits);
    }

    [Fact, Trait("Row", "K29")]
    public async Task What_the_application_says_passes_as_it_is()
    {
        try
        {
            foreach (var status in new[] { 303, 404, 405, 500 })
            {
                Stack.Upstream.Answer = context =>
                {
                    context.Response.Headers.Location = "https://elsewhere.example/a?b=c%20d&e=%F0";
                    return HostileAnswers.Text($"<p>{status} of the app</p>", "text/x-app", status)(context);
                };
                using var answer = await kraken.GetAsync("/raw/kappa/as-is");
                Assert.Equal(
                    (status, "https://elsewhere.example/a?b=c%20d&e=%F0", $"<p>{status} of the app</p>", "text/x-app"),
                    ((int)answer.StatusCode, answer.Headers.GetValues("Location").Single(), await answer.Content.ReadAsStringAsync(), answer.Content.Headers.ContentType!.ToString()));
            }
        }
        finally
        {
            Stack.Upstream.Answer = null;
        }
    }

    [Fact, Trait("Row", "K26"), Trait("Row", "T14")]
    public async Task A_wrong_secret_is_asked_once_and_a_changed_one_counts_without_a_restart()
    {
        var configuration = kraken.Apart();
        var token = configuration["Gateway"]!["Organizations"]!["kappa"]!["Token"]!;
        token["OrganizationSecretKey"] = "sk-wrong-key-0123456789";
        await using var gateway = await GatewayProcess.StartAsync(configuration);
        var (minted, hits) = (kraken.Kraken.Mints, Stack.Upstream.Hits);
        for (var i = 0; i < 20; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Url, "/raw/kappa/wrong"));
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer of-the-caller");
            using var answer = await kraken.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Contains("token_unavailable", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        Assert.Equal((1, hits), (kraken.Kraken.Mints - minted, Stack.Upstream.Hits)); // and nothing went on with the caller's own
        await Wait.UntilAsync(() => gateway.Output.Contains("KT-CT-1138", StringComparison.Ordinal), TimeSpan.FromSeconds(20), "the alert");

        token["OrganizationSecretKey"] = KrakenFixture.KappaKey;
        gateway.Reconfigure(configuration);
        await Wait.UntilAsync(async () => (await kraken.GetAsync("/raw/kappa/wrong", gateway)).IsSuccessStatusCode, TimeSpan.FromSeconds(20), "the new secret counts");
        Assert.DoesNotContain("sk-", gateway.Output, StringComparison.Ordinal);
    }

    private async Task<long> ReadsAsync()
    {
        var stats = await kraken.Redis.CommandStatsAsync();
        return new[] { "get", "getdel", "getex", "mget", "set", "zadd" }.Sum(name => stats.GetValueOrDefault(name));
    }
}
