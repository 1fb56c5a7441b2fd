using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Sealing;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.OrgTokens;

/// <summary>Running gateways whose tokens are renewed, shared and lost: by schedule, by message, without messages, without Redis, without the issuer.</summary>
public sealed class OrganizationTokenUpkeepChainTests(KrakenFixture kraken) : IClassFixture<KrakenFixture>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static int _serial;

    private GatewayStack Stack => kraken.Stack;

    [Fact, Trait("Row", "K14"), Trait("Row", "K16"), Trait("Row", "K3")]
    public async Task A_schedule_with_the_secret_gets_every_token_renewed_and_sees_none()
    {
        (await kraken.GetAsync("/raw/kappa/before")).Dispose();
        foreach (var (method, secret) in new[] { ("GET", null), ("POST", ""), ("GET", "cron-secret-of-17"), ("POST", KrakenFixture.CronSecret + "x"), ("GET", KrakenFixture.CronSecret.ToUpperInvariant()) })
        {
            using var refused = await RefreshAsync(method, secret, "");
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }
        var minted = kraken.Kraken.Mints;

        using var one = await RefreshAsync("GET", KrakenFixture.CronSecret, "?org=kappa");
        var body = await one.Content.ReadAsStringAsync();
        var entry = JsonNode.Parse(body)!["organizations"]!.AsArray().Single()!;
        Assert.Equal((HttpStatusCode.OK, "kappa", "refreshed", "KrakenGraphQl"), (one.StatusCode, (string)entry["org"]!, (string)entry["result"]!, (string)entry["source"]!));
        Assert.True((DateTimeOffset)entry["expiresAt"]! > TimeProvider.System.GetUtcNow().AddMinutes(50));
        Assert.Equal(1, kraken.Kraken.Mints - minted);

        using var all = await RefreshAsync("POST", KrakenFixture.CronSecret, "");
        var everything = await all.Content.ReadAsStringAsync();
        var results = JsonNode.Parse(everything)!["organizations"]!.AsArray().ToDictionary(o => (string)o!["org"]!, o => (string)o!["result"]!);
        Assert.All(new[] { "kappa", "lambda", "omega", "acme" }, org => Assert.Equal("refreshed", results[org]));
        foreach (var text in new[] { body, everything })
            HoldsNoToken(text, KrakenFixture.CronSecret);
        using var unknown = await RefreshAsync("GET", KrakenFixture.CronSecret, "?org=nobody");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact, Trait("Row", "K23")]
    public async Task Another_replica_uses_the_new_token_by_message_and_without_messages_by_poll()
    {
        await using var other = await KrakenFixture.StartAsync(Stack.Configuration);
        Assert.NotNull(await TokenAtAsync(other));
        await RefreshedEverywhereAsync(other);
        await kraken.Redis.AskAsync("ACL", "SETUSER", "default", "resetchannels"); // cuts publish and subscribe, for real
        try
        {
            await RefreshedEverywhereAsync(other);
        }
        finally
        {
            await kraken.Redis.AskAsync("ACL", "SETUSER", "default", "allchannels");
        }
    }

    [Fact, Trait("Row", "K33"), Trait("Row", "K5")]
    public async Task The_refresh_token_is_tried_once_before_the_secret()
    {
        try
        {
            await using var gateway = await GatewayProcess.StartAsync(kraken.Apart());
            Assert.NotNull(await TokenAtAsync(gateway));
            Assert.Equal(["refresh"], await AskedByRefreshAsync(gateway, "refreshed"));
            kraken.Kraken.RefreshError = "KT-CT-1135";
            Assert.Equal(["refresh", "secret"], await AskedByRefreshAsync(gateway, "refreshed"));
            kraken.Kraken.MintError = "KT-CT-1139";
            Assert.Equal(["refresh", "secret"], await AskedByRefreshAsync(gateway, "failed"));
            var mints = kraken.Kraken.Mints;
            for (var i = 0; i < 10; i++)
                Assert.NotNull(await TokenAtAsync(gateway)); // the one that has not ended
            Assert.Equal(mints, kraken.Kraken.Mints);
            await Wait.UntilAsync(() => gateway.Output.Contains("crit", StringComparison.Ordinal) && gateway.Output.Contains("org_token.failed reason=KT-CT-1139", StringComparison.Ordinal), Bound, "the alert");
        }
        finally
        {
            (kraken.Kraken.RefreshError, kraken.Kraken.MintError) = (null, null);
        }
    }

    [Fact, Trait("Row", "K22"), Trait("Row", "K33")]
    public async Task A_mint_that_fails_fails_once_for_all_who_wait_on_every_replica()
    {
        var configuration = kraken.Apart();
        await using var one = await KrakenFixture.StartAsync(configuration);
        await using var two = await KrakenFixture.StartAsync(configuration);
        (kraken.Kraken.MintError, kraken.Kraken.MintTakes) = ("KT-CT-1138", TimeSpan.FromMilliseconds(300));
        try
        {
            var mints = kraken.Kraken.Mints;
            var statuses = await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
            {
                using var answer = await kraken.GetAsync("/raw/kappa/failing", i % 2 == 0 ? one : two);
                return answer.StatusCode;
            }));
            Assert.All(statuses, status => Assert.Equal(HttpStatusCode.ServiceUnavailable, status));
            Assert.Equal(1, kraken.Kraken.Mints - mints);
        }
        finally
        {
            (kraken.Kraken.MintError, kraken.Kraken.MintTakes) = (null, TimeSpan.Zero);
        }
    }

    [Fact, Trait("Row", "K28"), Trait("Row", "K17")]
    public async Task Without_Redis_the_copy_serves_and_then_each_replica_mints_for_itself()
    {
        kraken.Kraken.Life = TimeSpan.FromSeconds(6);
        try
        {
            await using var gateway = await GatewayProcess.StartAsync(kraken.Apart(c => c["Gateway"]!["OrganizationTokens"]!["RefreshBefore"] = "00:00:01"));
            Assert.NotNull(await TokenAtAsync(gateway));
            var (first, mints) = (await TokenAtAsync(gateway), kraken.Kraken.Mints);
            await kraken.Redis.KillAsync();
            try
            {
                await Wait.UntilAsync(async () => await TokenAtAsync(gateway) != first, Bound, "a new token without Redis"); // every answer on the way is 200
                Assert.InRange(kraken.Kraken.Mints - mints, 1, 4);
            }
            finally
            {
                await kraken.Redis.StartAgainAsync();
            }
        }
        finally
        {
            kraken.Kraken.Life = TimeSpan.FromMinutes(60);
        }
    }

    [Fact, Trait("Row", "K27"), Trait("Row", "K28")]
    public async Task Without_the_issuer_a_token_serves_to_its_end_and_only_then_is_the_gateway_degraded()
    {
        kraken.Kraken.Life = TimeSpan.FromSeconds(8);
        try
        {
            await using var gateway = await GatewayProcess.StartAsync(kraken.Apart(c => c["Gateway"]!["OrganizationTokens"]!["RefreshBefore"] = "00:00:03"));
            Assert.NotNull(await TokenAtAsync(gateway));
            await kraken.Kraken.StopAsync();
            try
            {
                await Wait.UntilAsync(() => gateway.Output.Contains("org_token.failed", StringComparison.Ordinal), Bound, "the failure is told");
                var (status, body) = await ReadyAsync(gateway);
                Assert.True(status == HttpStatusCode.OK || (await kraken.GetAsync("/raw/kappa/x", gateway)).StatusCode == HttpStatusCode.ServiceUnavailable, body);
                await Wait.UntilAsync(async () => (await ReadyAsync(gateway)).Body.Contains("degraded", StringComparison.Ordinal), Bound, "degraded once the token has ended");
                using var answer = await kraken.GetAsync("/raw/kappa/x", gateway);
                Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            }
            finally
            {
                await kraken.Kraken.InitializeAsync();
            }
            await Wait.UntilAsync(async () => (await kraken.GetAsync("/raw/kappa/x", gateway)).IsSuccessStatusCode, Bound, "it comes back by itself");
            Assert.DoesNotContain("degraded", (await ReadyAsync(gateway)).Body, StringComparison.Ordinal);
        }
        finally
        {
            kraken.Kraken.Life = TimeSpan.FromMinutes(60);
        }
    }

    [Fact, Trait("Row", "K10")]
    public async Task After_a_key_was_added_old_values_open_and_are_sealed_anew_at_their_next_renewal()
    {
        var configuration = kraken.Apart();
        await using (var before = await KrakenFixture.StartAsync(configuration))
            Assert.NotNull(await TokenAtAsync(before));
        var mints = kraken.Kraken.Mints;
        const string added = "a newer sealing secret of the tests";
        configuration["Gateway"]!["Encryption"]!["Keys"]!.AsArray().Insert(0, new JsonObject { ["Id"] = "k2", ["Secret"] = added });
        var newer = new KeyRing([new SealingKey("k2", added)]);
        await using var gateway = await KrakenFixture.StartAsync(configuration);

        Assert.NotNull(await TokenAtAsync(gateway));
        Assert.Equal(mints, kraken.Kraken.Mints);
        Assert.False(newer.IsSealedByFirst((await kraken.StoredTokensAsync(configuration)).Single().Value));
        (await RefreshAsync("GET", KrakenFixture.CronSecret, "?org=kappa", gateway)).Dispose();
        Assert.True(newer.IsSealedByFirst((await kraken.StoredTokensAsync(configuration)).Single().Value));
    }

    [Fact]
    public async Task The_command_line_lists_and_renews_and_prints_no_token()
    {
        (await kraken.GetAsync("/raw/kappa/before")).Dispose();
        var minted = kraken.Kraken.Mints;
        var configuration = Stack.Configuration.ToJsonString();
        var list = await GatewayProcess.RunToExitAsync(["org-tokens", "list"], configuration);
        var refresh = await GatewayProcess.RunToExitAsync(["org-tokens", "refresh", "kappa"], configuration);

        Assert.Equal((0, 0), (list.ExitCode, refresh.ExitCode));
        Assert.Matches("kappa +KrakenGraphQl +2", list.Output);
        Assert.Matches("kappa +KrakenGraphQl +2", refresh.Output);
        Assert.Equal(1, kraken.Kraken.Mints - minted);
        HoldsNoToken(list.Output + refresh.Output);
    }

    [Fact, Trait("Row", "K26"), Trait("Row", "K27"), Trait("Row", "K30")]
    public async Task Operators_see_ends_and_failures_and_counts_and_no_token()
    {
        await using var gateway = await GatewayProcess.StartAsync(kraken.Apart(c => c["Gateway"]!["Management"]!["Token"] = "a management token"));
        Assert.NotNull(await TokenAtAsync(gateway));
        kraken.Kraken.KillTokens();
        Stack.Upstream.Answer = context => kraken.Kraken.OrganizationOf(context.Request.Headers.Authorization) is null ? HostileAnswers.Status(401)(context) : HostileAnswers.Status(204)(context);
        using (var replayed = await kraken.GetAsync("/raw/kappa/replayed", gateway))
            Assert.Equal(HttpStatusCode.NoContent, replayed.StatusCode);
        Stack.Upstream.Answer = null;
        var list = await AdminAsync(gateway, HttpMethod.Get, "/admin/v1/org-tokens");
        var refreshed = await AdminAsync(gateway, HttpMethod.Post, "/admin/v1/org-tokens/kappa/refresh");
        var metrics = await kraken.Http.GetStringAsync(new Uri(gateway.ManagementUrl, "/metrics"));

        Assert.Equal("kappa", (string?)JsonNode.Parse(refreshed)!["organization"]);
        Assert.Contains(JsonNode.Parse(list)!["items"]!.AsArray(), item => (string?)item!["organization"] == "kappa" && item["expiresAt"] is not null);
        Assert.Matches("orggateway_org_tokens_mints_total\\{[^}]*org=\"kappa\"[^}]*result=\"minted\"[^}]*\\} 3", metrics);
        Assert.Matches("orggateway_org_tokens_seconds_to_expiry_seconds\\{[^}]*org=\"kappa\"[^}]*\\} [1-9]", metrics);
        Assert.Matches("orggateway_org_tokens_wait_seconds_count\\{[^}]*path=\"replay\"[^}]*\\} 1\\b", metrics);
        Assert.Matches("orggateway_tokens_injected_total\\{[^}]*kind=\"organization\"[^}]*\\} 2\\b", metrics);
        HoldsNoToken(list + refreshed + metrics);
    }

    [Fact, Trait("Row", "T111"), Trait("Row", "A15"), Trait("Row", "K3"), Trait("Row", "K26")]
    public async Task At_the_finest_log_level_nothing_secret_is_printed()
    {
        await using var gateway = await GatewayProcess.StartAsync(kraken.Apart(c => c["Gateway"]!["Logging"] = new JsonObject
        {
            ["Format"] = "Text",
            ["Level"] = "Trace",
            ["Levels"] = new JsonObject { ["Microsoft"] = "Trace", ["Microsoft.AspNetCore.Hosting.Diagnostics"] = "Trace", ["System"] = "Trace", ["Yarp"] = "Trace" },
        }));
        try
        {
            for (var i = 0; i < 3; i++)
            {
                foreach (var org in new[] { "kappa", "lambda", "omega", "acme" })
                {
                    using var answer = await kraken.GetAsync($"/raw/{org}/trace?code=secret-query-value", gateway);
                }
                Stack.Upstream.Answer = i == 0
                    ? context => kraken.Kraken.AnswerQueryAsync(context)
                    : context =>
                    {
                        context.Response.Headers["X-Echo"] = context.Request.Headers.Authorization;
                        return HostileAnswers.Status(401)(context);
                    };
                kraken.Kraken.KillTokens();
            }
            (await RefreshAsync("POST", KrakenFixture.CronSecret, "", gateway)).Dispose();
            (await RefreshAsync("POST", "a-wrong-secret-of-the-schedule", "", gateway)).Dispose();
        }
        finally
        {
            Stack.Upstream.Answer = null;
        }
        string[] secrets = [KrakenFixture.KappaKey, KrakenFixture.LambdaKey, KrakenFixture.OmegaKey, KrakenFixture.CronSecret, "a-wrong-secret-of-the-schedule", "acme-demo-secret", "gateway-demo-secret", DemoConfiguration.Secret, "shared-address-key", "secret-query-value"];

        await Wait.UntilAsync(() => gateway.Output.Contains("dbug", StringComparison.Ordinal) && gateway.Output.Contains("org_token.minted", StringComparison.Ordinal), Bound, "the log is written");
        HoldsNoToken(gateway.Output, secrets);
    }

    private void HoldsNoToken(string text, params string[] secrets)
    {
        Assert.DoesNotMatch(CompactToken.Pattern, text);
        Assert.DoesNotContain(kraken.Kraken.Issued.Concat(secrets), secret => text.Contains(secret, StringComparison.Ordinal));
    }

    private async Task<string> AdminAsync(GatewayProcess gateway, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, new Uri(gateway.ManagementUrl, path));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer a management token");
        using var answer = await kraken.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task RefreshedEverywhereAsync(GatewayProcess other)
    {
        var mints = kraken.Kraken.Mints;
        using var refreshed = await RefreshAsync("GET", KrakenFixture.CronSecret, "?org=kappa");
        Assert.Equal(HttpStatusCode.OK, refreshed.StatusCode);
        var fresh = await TokenAtAsync(Stack.Gateway);
        await Wait.UntilAsync(async () => await TokenAtAsync(other) == fresh, Bound, "the other replica has the new token");
        Assert.Equal(1, kraken.Kraken.Mints - mints);
    }

    private async Task<IReadOnlyList<string>> AskedByRefreshAsync(GatewayProcess gateway, string result)
    {
        var before = kraken.Kraken.Mints;
        using var answer = await RefreshAsync("GET", KrakenFixture.CronSecret, "?org=kappa", gateway);
        Assert.Contains($"\"{result}\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        return [.. kraken.Kraken.Asked.Skip(before)];
    }

    /// <summary>The token that a request over this gateway arrives with.</summary>
    private async Task<string?> TokenAtAsync(GatewayProcess gateway)
    {
        var target = $"/raw/kappa/token{Interlocked.Increment(ref _serial)}";
        using var answer = await kraken.GetAsync(target, gateway);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return Stack.Upstream.Requests.Single(r => r.RawTarget == target).Header("Authorization");
    }

    private async Task<(HttpStatusCode Status, string Body)> ReadyAsync(GatewayProcess gateway)
    {
        using var answer = await kraken.Http.GetAsync(new Uri(gateway.ManagementUrl, "/health/ready"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private Task<HttpResponseMessage> RefreshAsync(string method, string? secret, string query, GatewayProcess? gateway = null)
    {
        var request = new HttpRequestMessage(new(method), new Uri((gateway ?? Stack.Gateway).Url, "/auth/org-tokens/refresh" + query));
        if (secret is not null)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + secret);
        return kraken.Http.SendAsync(request);
    }
}
