using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Bearer;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Limits;

/// <summary>Limits over three running replicas and one Redis.</summary>
public sealed class LimitChainTests(LimitServers servers) : IClassFixture<LimitServers>
{
    [Fact, Trait("Row", "G25"), Trait("Row", "A18"), Trait("Row", "G26"), Trait("Row", "R9")]
    public async Task Ten_calls_pass_on_three_replicas_together_and_the_eleventh_is_told_when_to_come_back()
    {
        var (alice, carol) = (await CookieAsync("alice@acme.test"), await CookieAsync("carol@initech.test"));
        var answers = new List<MachineAnswer>();
        for (var i = 0; i < 11; i++)
            answers.Add(await servers.Clients[i % 3].GetAsync("/api/acme/x", null, alice));

        Assert.All(answers.Take(10), a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.Equal(["9", "8", "0"], new[] { answers[0], answers[1], answers[9] }.Select(a => Member(a.Header("RateLimit"), "r")));
        Assert.All(answers, a => Assert.Equal("\"api\";q=10;w=60", a.Header("RateLimit-Policy")));
        Assert.All(answers, a => Assert.Matches("^\"api\";r=[0-9]+;t=[0-9]+$", a.Header("RateLimit")));
        var refused = answers[10];
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited", "0"), (refused.Status, refused.Code, Member(refused.Header("RateLimit"), "r")));
        Assert.InRange(int.Parse(refused.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 120);

        // Another person has a bucket of their own; a page gets a page; a route without a limit says nothing of limits.
        Assert.Equal("9", Member((await servers.Clients[0].GetAsync("/api/acme/x", null, carol)).Header("RateLimit"), "r"));
        var page = await servers.Clients[1].GetAsync("/api/acme/x", null, r => { alice(r); r.Headers.Add("Accept", "text/html"); });
        Assert.Equal((HttpStatusCode.TooManyRequests, "text/html; charset=utf-8"), (page.Status, page.Header("Content-Type")));
        Assert.Null((await servers.Clients[0].GetAsync("/orgs/acme/api/echo", null, alice)).Header("RateLimit"));
    }

    [Fact, Trait("Row", "P15")]
    public async Task An_organizations_limit_is_shared_by_its_people_on_all_replicas()
    {
        var cookies = await Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
        {
            servers.Stack.Provider.Put(new DemoUser($"u-team{i}", $"p{i}@team.test", $"P {i}", "demo", [new("org_acme", "acme", "Acme", ["member"]), new("org_globex", "globex", "Globex", ["member"])]));
            return CookieAsync($"p{i}@team.test");
        }));
        var statuses = await Task.WhenAll(Enumerable.Range(0, 130).Select(async i => (await servers.Clients[i % 3].GetAsync("/team/acme/x", null, cookies[i % 10])).Status));
        Assert.Equal((100, 30), (statuses.Count(s => s == HttpStatusCode.OK), statuses.Count(s => s == HttpStatusCode.TooManyRequests)));
        Assert.Equal(HttpStatusCode.OK, (await servers.Clients[0].GetAsync("/team/globex/x", null, cookies[0])).Status);
    }

    [Fact, Trait("Row", "G27")]
    public async Task Nobody_shares_by_address_and_gets_nowhere_where_somebody_is_needed()
    {
        for (var i = 0; i < 4; i++)
            Assert.Equal(i < 3 ? HttpStatusCode.OK : HttpStatusCode.TooManyRequests, (await servers.Clients[i % 3].GetAsync("/few/x", null, From("203.0.113.7"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await servers.Clients[0].GetAsync("/few/x", null, From("203.0.113.8"))).Status);
        // One network of IPv6 is one caller.
        foreach (var (address, status) in new[] { ("2001:db8:0:1::1", 200), ("2001:db8:0:1::2", 200), ("2001:db8:0:1:ffff::3", 200), ("2001:db8:0:1::4", 429), ("2001:db8:0:2::1", 200) })
            Assert.Equal(status, (int)(await servers.Clients[0].GetAsync("/few/x", null, From(address))).Status);

        var hits = servers.Stack.Upstream.Hits;
        Assert.Equal(HttpStatusCode.Unauthorized, (await servers.Clients[0].GetAsync("/costly/x", null, r => r.Method = HttpMethod.Post)).Status);
        Assert.Equal(hits, servers.Stack.Upstream.Hits);
    }

    [Fact, Trait("Row", "R9")]
    public async Task An_addresss_limit_stands_before_sessions_and_before_the_upgrade()
    {
        var from = From("203.0.113.20");
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await servers.Clients[i % 3].GetAsync("/address/acme/x", null, from)).Status);
        var before = await ReadsAsync();
        var refused = await servers.Clients[2].GetAsync("/address/acme/x", null, r => { from(r); r.Headers.Add("Cookie", "orggw=" + new string('a', 43)); });
        Assert.Equal((HttpStatusCode.TooManyRequests, before), (refused.Status, await ReadsAsync()));

        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("X-Forwarded-For", "203.0.113.20");
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new UriBuilder(new Uri(servers.Stack.Url, "/address/acme/x")) { Scheme = "ws" }.Uri, default));
        Assert.Equal(HttpStatusCode.TooManyRequests, socket.HttpStatusCode);
    }

    [Fact, Trait("Row", "G28")]
    public async Task A_budget_is_spent_by_what_requests_cost()
    {
        var key = await servers.NewKeyAsync();
        var spent = new List<MachineAnswer>();
        for (var i = 0; i < 3; i++)
            spent.Add(await servers.Clients[i].GetAsync("/spend/acme/x", key));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], spent.Select(a => a.Status));
        Assert.Equal(("budget_exceeded", "USAGE_EXCEEDED"), (spent[2].Code, (string?)spent[2].Body!["keyCode"]));

        servers.Stack.Upstream.Answer = context =>
        {
            context.Response.Headers["X-Cost"] = "3";
            return context.Response.WriteAsync("done");
        };
        try
        {
            var told = new List<HttpStatusCode>();
            for (var i = 0; i < 3; i++)
                told.Add((await servers.Clients[i].GetAsync("/told/acme/x", key)).Status);
            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], told);
        }
        finally
        {
            servers.Stack.Upstream.Answer = null;
        }
    }

    [Fact, Trait("Row", "G28"), Trait("Row", "P16")]
    public async Task An_answer_that_is_stopped_for_the_token_it_carries_is_paid_for_like_any_other()
    {
        var key = await servers.NewKeyAsync();
        servers.Stack.Upstream.Answer = context =>
        {
            (context.Response.Headers["X-Cost"], context.Response.Headers["X-Debug"]) = ("3", context.Request.Headers.Authorization);
            (context.Response.Headers["RateLimit"], context.Response.Headers["RateLimit-Policy"]) = (context.Request.Headers.Authorization, "\"app\";q=1");
            return context.Response.WriteAsync("done");
        };
        try
        {
            var answers = new List<MachineAnswer>();
            for (var i = 0; i < 3; i++)
                answers.Add(await servers.Clients[i].GetAsync("/leaky/acme/x", key));
            Assert.Equal(["upstream_leaked_token", "upstream_leaked_token", "budget_exceeded"], answers.Select(a => a.Code));
            // The gateway's own fields, and nothing that the application put beside them.
            Assert.All(answers, a => Assert.Equal("\"leaky\";q=5;w=86400", a.Header("RateLimit-Policy")));
            Assert.All(answers, a => Assert.Matches("^\"leaky\";r=[0-9]+;t=[0-9]+$", a.Header("RateLimit")));
            Assert.All(answers, a => Assert.NotNull(a.Header("X-Request-Id")));
        }
        finally
        {
            servers.Stack.Upstream.Answer = null;
        }
    }

    [Fact, Trait("Row", "G28")]
    public async Task An_answer_is_paid_for_when_it_begins_and_so_is_one_that_breaks_off()
    {
        var key = await servers.NewKeyAsync();
        var arrived = new TaskCompletionSource();
        servers.Stack.Upstream.Answer = async context =>
        {
            if (!context.Request.Query.ContainsKey("breaks"))
                return;
            (context.Response.Headers["X-Cost"], context.Response.ContentLength) = ("3", 1000);
            await context.Response.WriteAsync("the beginning");
            await context.Response.Body.FlushAsync();
            await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20));
            context.Abort();
        };
        try
        {
            using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
            for (var i = 0; i < 2; i++)
            {
                arrived = new TaskCompletionSource();
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(servers.Stack.Url, "/broken/acme/x?breaks"));
                request.Headers.Authorization = new("Bearer", key);
                using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                // Two answers of 3 use up a budget of 5, on every replica, though the second has only begun.
                Assert.Equal(i == 0 ? null : "budget_exceeded", (await servers.Clients[2].GetAsync("/broken/acme/x", key)).Code);
                arrived.SetResult();
                await Assert.ThrowsAnyAsync<Exception>(() => answer.Content.ReadAsStringAsync());
            }
        }
        finally
        {
            servers.Stack.Upstream.Answer = null;
        }
    }

    [Fact]
    public async Task A_key_has_a_limit_and_a_budget_of_its_own()
    {
        var (limited, poor, free) = (await servers.NewKeyAsync("--rate-limit", "2/00:01:00"), await servers.NewKeyAsync("--budget", "1/1.00:00:00"), await servers.NewKeyAsync());
        async Task<string?> LastCodeAsync(string key, int calls)
        {
            var last = default(MachineAnswer);
            for (var i = 0; i < calls; i++)
                last = await servers.Clients[i % 3].GetAsync("/keyed/acme/x", key);
            return (string?)last!.Body!["keyCode"];
        }
        Assert.Equal((null, "RATE_LIMITED", null, "USAGE_EXCEEDED", null), (await LastCodeAsync(limited, 2), await LastCodeAsync(limited, 1), await LastCodeAsync(poor, 1), await LastCodeAsync(poor, 1), await LastCodeAsync(free, 5)));
    }

    [Fact, Trait("Row", "G30"), Trait("Row", "T117")]
    public async Task Twenty_bad_keys_from_one_address_shut_it_out_on_every_replica_and_nobody_else()
    {
        var key = await servers.NewKeyAsync();
        var (guesser, other) = (From("203.0.113.66"), From("203.0.113.67"));
        for (var i = 0; i < 20; i++)
        {
            // Successes between do not buy more failures.
            Assert.Equal(HttpStatusCode.OK, (await servers.Clients[i % 3].GetAsync("/keyed/acme/x", key, guesser)).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await servers.Clients[i % 3].GetAsync("/keyed/acme/x", $"ogk_guess{i}", guesser)).Status);
        }
        foreach (var client in servers.Clients)
        {
            var blocked = await client.GetAsync("/keyed/acme/x", "ogk_guess", guesser);
            Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), (blocked.Status, blocked.Code));
            Assert.NotNull(blocked.Header("Retry-After"));
            Assert.Equal(HttpStatusCode.TooManyRequests, (await client.GetAsync("/keyed/acme/x", key, guesser)).Status);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/keyed/acme/x", key, other)).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/keyed/acme/x", "ogk_guess", other)).Status);
        }
    }

    [Fact, Trait("Row", "G30"), Trait("Row", "T117")]
    public async Task Twenty_forged_tokens_from_one_address_are_the_last_and_a_good_one_from_there_still_comes_in()
    {
        var (forger, other) = (From("203.0.113.76"), From("203.0.113.77"));
        var signed = LimitServers.Token();
        string Forged(int number) => signed[..^4] + number.ToString("0000", System.Globalization.CultureInfo.InvariantCulture);
        async Task<(HttpStatusCode, string?)> SendAsync(int replica, string token, Action<HttpRequestMessage> from)
        {
            var answer = await servers.Clients[replica].GetAsync("/tokens/acme/x", token, from);
            return (answer.Status, answer.Code);
        }
        var bad = new[] { Forged(0), "no jwt", LimitServers.Token(c => c["iss"] = "https://nobody.example") };
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(i % 3, signed, forger)).Item1);
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(i % 3, bad[i % bad.Length], forger)).Item1);
        }
        for (var i = 0; i < 3; i++)
        {
            var blocked = await servers.Clients[i].GetAsync("/tokens/acme/x", Forged(100 + i), forger);
            Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), (blocked.Status, blocked.Code));
            Assert.InRange(int.Parse(blocked.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 600);
            // Whoever holds a token of the issuer is no forger: one never seen before comes in, one that ended is told so.
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(i, LimitServers.Token(c => c["jti"] = "new-" + i), forger)).Item1);
            Assert.Equal((HttpStatusCode.Unauthorized, "token_expired"), await SendAsync(i, LimitServers.Token(c => { c["iat"] = (long)c["iat"]! - 700; c["exp"] = (long)c["exp"]! - 700; }), forger));
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(i, Forged(200 + i), other)).Item1);
        }
        // A replica that knows of the block asks nobody about it again.
        var asked = (await servers.Redis.CommandStatsAsync()).GetValueOrDefault("hmget");
        for (var i = 0; i < 30; i++)
            Assert.Equal(HttpStatusCode.TooManyRequests, (await SendAsync(i % 3, Forged(300 + i), forger)).Item1);
        Assert.InRange((await servers.Redis.CommandStatsAsync()).GetValueOrDefault("hmget") - asked, 0, 10);
        // Keys are counted apart.
        Assert.Equal(HttpStatusCode.OK, (await servers.Clients[0].GetAsync("/keyed/acme/x", await servers.NewKeyAsync(), forger)).Status);
        Assert.Contains("token_attempts", servers.Stack.Gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_that_were_signed_and_have_ended_are_no_attempts_to_guess_one()
    {
        var from = From("203.0.113.78");
        for (var i = 0; i < 25; i++)
        {
            var expired = LimitServers.Token(c => { c["jti"] = i; c["iat"] = (long)c["iat"]! - 700; c["exp"] = (long)c["exp"]! - 700; });
            Assert.Equal("token_expired", (await servers.Clients[i % 3].GetAsync("/tokens/acme/x", expired, from)).Code);
            Assert.Equal("wrong_audience", (await servers.Clients[i % 3].GetAsync("/tokens/acme/x", LimitServers.Token(c => c["aud"] = "other" + i), from)).Code);
        }
    }

    [Fact, Trait("Row", "T106")]
    public async Task Sign_ins_begun_from_one_address_end_in_429_and_others_go_on()
    {
        var from = From("203.0.113.99");
        var begun = await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            var statuses = new List<HttpStatusCode>();
            for (var i = 0; i < 45; i++)
                statuses.Add((await servers.Clients[worker % 3].GetAsync("/auth/login", null, from)).Status);
            return statuses;
        }));
        var all = begun.SelectMany(s => s).ToList();
        // A busy machine may need longer than the window for them; what has slid out of it by then is begun anew.
        Assert.InRange(all.Count(s => s == HttpStatusCode.Found), 300, 330);
        Assert.Equal(all.Count, all.Count(s => s is HttpStatusCode.Found or HttpStatusCode.TooManyRequests));
        Assert.Contains(HttpStatusCode.TooManyRequests, all);
        Assert.Equal(HttpStatusCode.Found, (await servers.Clients[0].GetAsync("/auth/login", null, From("203.0.113.98"))).Status);
        foreach (var key in (await servers.Redis.DumpAllAsync()).Keys.Where(k => k.Contains(":login", StringComparison.Ordinal)).Take(20))
            Assert.InRange((long)(await servers.Redis.AskAsync("PTTL", key))!, 1, 3_600_000);
    }

    private async Task<Action<HttpRequestMessage>> CookieAsync(string email)
    {
        using var browser = await servers.Stack.SignedInAsync(email);
        var session = servers.Stack.SessionOf(browser);
        return request => request.Headers.Add("Cookie", "orggw=" + session);
    }

    private async Task<long> ReadsAsync()
    {
        var stats = await servers.Redis.CommandStatsAsync();
        return stats.GetValueOrDefault("get");
    }

    private static Action<HttpRequestMessage> From(string address) => request => request.Headers.TryAddWithoutValidation("X-Forwarded-For", address);

    private static string? Member(string? field, string name) => field?.Split(';').FirstOrDefault(p => p.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
}
