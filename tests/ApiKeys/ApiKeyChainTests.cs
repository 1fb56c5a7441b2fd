using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Bearer;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.ApiKeys;

/// <summary>API keys over two running replicas, made and ended by the command line.</summary>
public sealed class ApiKeyChainTests(ApiKeyServers servers) : IClassFixture<ApiKeyServers>, IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private readonly BearerClient _client = new(servers.Stack.Url);
    private readonly BearerClient _other = new(servers.Other.Url);

    [Fact, Trait("Row", "A10"), Trait("Row", "A11"), Trait("Row", "T66")]
    public async Task A_key_is_a_service_in_its_organization_and_nobody_elsewhere()
    {
        var (id, key) = await servers.NewKeyAsync("--role", "member", "--name", "nightly import");
        foreach (var client in new[] { _client, _other })
        {
            var answer = await client.GetAsync("/keyed/acme/x", null, With(key));
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.Equal(
                ("service", id, "org_acme", "acme", "member", null, "nightly import"),
                (answer.Arrived("X-Auth-Type"), answer.Arrived("X-Auth-Key-Id"), answer.Arrived("X-Auth-Org-Id"), answer.Arrived("X-Auth-Org-Slug"), answer.Arrived("X-Auth-Roles"), answer.Arrived("X-Api-Key"), answer.Arrived("X-Auth-User-Name")));
            Assert.StartsWith("Bearer ey", answer.Arrived("Authorization"), StringComparison.Ordinal); // the organization's
            Assert.DoesNotContain(key, answer.Body!.ToJsonString(), StringComparison.Ordinal);

            var elsewhere = await client.GetAsync("/keyed/globex/x", null, request => { With(key)(request); request.Headers.TryAddWithoutValidation("X-Auth-Org-Id", "org_globex"); });
            Assert.Equal((HttpStatusCode.Forbidden, "not_a_member"), (elsewhere.Status, elsewhere.Code));
        }
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/keyed/acme/x", key)).Status);
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/keyed/acme/x", null, r => r.Headers.TryAddWithoutValidation("Authorization", "ApiKey " + key))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await _client.GetAsync("/keyed/acme/x", key, With(key))).Status);
        var spelled = await _client.GetAsync("/keyed/acme/x", null, request => { With(key)(request); request.Headers.TryAddWithoutValidation("X_Api_Key", key); });
        Assert.DoesNotContain(key, spelled.Body!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact, Trait("Row", "G23")]
    public async Task A_route_for_keys_ignores_a_valid_cookie_and_a_route_for_both_refuses_both_at_once()
    {
        var (_, key) = await servers.NewKeyAsync();
        using var alice = await servers.Stack.SignedInAsync("alice@acme.test");
        void Cookie(HttpRequestMessage request) => request.Headers.Add("Cookie", "orggw=" + servers.Stack.SessionOf(alice));

        Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync("/keyed/acme/x", null, Cookie)).Status);
        Assert.Equal("service", (await _client.GetAsync("/keyed/acme/x", null, r => { Cookie(r); With(key)(r); })).Arrived("X-Auth-Type"));
        Assert.Equal("ambiguous_credentials", (await _client.GetAsync("/either/acme/x", null, r => { Cookie(r); With(key)(r); })).Code);
        var person = await _client.GetAsync("/either/acme/x", null, Cookie);
        Assert.Equal("user", person.Arrived("X-Auth-Type"));
        Assert.StartsWith("Bearer ey", person.Arrived("Authorization"), StringComparison.Ordinal);
        var program = await _client.GetAsync("/either/acme/x", null, With(key)); // a service, with no person whose token it could bring
        Assert.Equal((HttpStatusCode.OK, "service", null), (program.Status, program.Arrived("X-Auth-Type"), program.Arrived("Authorization")));
        // To a page that accepts no session there is nothing to sign in for.
        Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync("/keyed/acme/x", null, r => r.Headers.Add("Accept", "text/html"))).Status);
    }

    [Fact, Trait("Row", "G24")]
    public async Task A_key_is_stored_nowhere_and_ends_on_every_replica_when_revoked()
    {
        var (id, key) = await servers.NewKeyAsync("--permission", "document:write", "--meta", "team=import");
        Assert.Matches("^ogk_[0-9A-Za-z]{49}$", key);
        foreach (var client in new[] { _client, _other })
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/write/acme/x", null, With(key))).Status);

        await Wait.UntilAsync(async () => (await ListedAsync(id))?["lastUsed"] is not null, Bound, "the use is noted");
        Assert.Equal("import", (string?)(await ListedAsync(id))!["meta"]!["team"]);
        var redis = string.Concat((await servers.Redis.DumpAllAsync()).Select(entry => entry.Key + Encoding.Latin1.GetString(entry.Value)));
        foreach (var secret in new[] { key, key["ogk_".Length..], "document:write" })
            Assert.DoesNotContain(secret, redis, StringComparison.Ordinal);
        Assert.DoesNotContain(key, servers.Stack.Gateway.Output + servers.Other.Output, StringComparison.Ordinal);

        await servers.KeysAsync("revoke", id);
        foreach (var client in new[] { _client, _other })
            await Wait.UntilAsync(async () => (await client.GetAsync("/write/acme/x", null, With(key))) is { Status: HttpStatusCode.Unauthorized, Code: "NOT_FOUND" }, Bound, "the key has ended");
        Assert.Null(await ListedAsync(id));
        Assert.Equal(1, (await GatewayProcess.RunToExitAsync(["keys", "revoke", id], servers.Stack.Configuration.ToJsonString())).ExitCode);
    }

    [Fact, Trait("Row", "G24")]
    public async Task Each_refusal_has_the_code_that_clients_of_unkey_know()
    {
        var (id, key) = await servers.NewKeyAsync();
        var (_, brief) = await servers.NewKeyAsync("--expires-in", "00:00:15");
        var lacking = await _client.GetAsync("/write/acme/x", null, With(key));
        Assert.Equal((HttpStatusCode.Forbidden, "missing_permission", "INSUFFICIENT_PERMISSIONS"), (lacking.Status, lacking.Code, (string?)lacking.Body!["keyCode"]));
        foreach (var unknown in new[] { "ogk_" + new string('x', 49), key[..^1] + (key[^1] == '0' ? '1' : '0'), "ogk_", "", "anything" })
            Assert.Equal((HttpStatusCode.Unauthorized, "NOT_FOUND"), await RefusedAsync(unknown));

        await servers.KeysAsync("disable", id);
        await Wait.UntilAsync(async () => (await RefusedAsync(key)).Code == "DISABLED", Bound, "the key is disabled");
        await Wait.UntilAsync(async () => (await RefusedAsync(brief)).Code == "EXPIRED", Bound + Bound + Bound, "the key expires");
    }

    public void Dispose()
    {
        _client.Dispose();
        _other.Dispose();
    }

    private static Action<HttpRequestMessage> With(string key) => request => request.Headers.TryAddWithoutValidation("X-Api-Key", key);

    private async Task<(HttpStatusCode Status, string? Code)> RefusedAsync(string key)
    {
        var answer = await _client.GetAsync("/keyed/acme/x", null, With(key));
        return (answer.Status, answer.Code);
    }

    private async Task<JsonNode?> ListedAsync(string id) => (await servers.KeysAsync("list", "--org", "acme")).AsArray().FirstOrDefault(k => (string?)k!["id"] == id);
}
