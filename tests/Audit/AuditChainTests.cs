using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OrgGateway.Tests.ApiKeys;
using OrgGateway.Tests.Bearer;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Audit;

/// <summary>What the audit says of refusals and of a person's day, read from a running gateway's log.</summary>
public sealed partial class AuditChainTests(BearerServers servers) : IClassFixture<BearerServers>, IDisposable
{
    private readonly BearerClient _client = new(servers.Stack.Url);

    [Fact, Trait("Row", "G29")]
    public async Task Each_kind_of_failure_is_one_event_with_a_reason_of_its_own()
    {
        using var alice = await servers.Stack.SignedInAsync("alice@acme.test");
        var cookie = "orggw=" + servers.Stack.SessionOf(alice);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        string Token(Action<JsonObject>? change = null, ProviderKey? key = null) => servers.Discovered.IdToken(c =>
        {
            c["aud"] = BearerServers.Audience;
            c["organizations"] = new JsonObject { ["org_acme"] = new JsonObject { ["roles"] = new JsonArray("viewer") } };
            change?.Invoke(c);
        }, key: key);
        var failures = new (string Reason, string Path, string? Bearer, string? Cookie)[]
        {
            ("unauthenticated", "/machine/acme/x", null, null),
            ("session_ended", "/orgs/acme/x", null, "orggw=" + new string('a', 43)),
            ("malformed_token", "/machine/acme/x", "nothing", null),
            ("unknown_issuer", "/machine/acme/x", Token(c => c["iss"] = "https://nobody.example"), null),
            ("bad_signature", "/machine/acme/x", Token(key: ProviderKey.Rsa("key-1")), null),
            ("wrong_audience", "/machine/acme/x", Token(c => c["aud"] = "other"), null),
            ("wrong_token_kind", "/machine/acme/x", Token(c => c["nonce"] = "n"), null),
            ("token_expired", "/machine/acme/x", Token(c => (c["iat"], c["exp"]) = (now - 700, now - 400)), null),
            ("token_not_yet_valid", "/machine/acme/x", Token(c => c["nbf"] = now + 300), null),
            ("token_too_long_lived", "/machine/acme/x", Token(c => c["exp"] = now + 100_000), null),
            ("claim_missing", "/machine/acme/x", Token(c => c.Remove("sub")), null),
            ("org_required", "/machine/acme/x", Token(c => c.Remove("organizations")), null),
            ("not_a_member", "/machine/globex/x", Token(), null),
            ("missing_permission", "/write/acme/x", Token(), null),
            ("ambiguous_credentials", "/either/acme/x", Token(), cookie),
        };
        foreach (var (reason, path, bearer, withCookie) in failures)
        {
            var before = Refusals().Count;
            var answer = await _client.GetAsync(path, bearer, request => { if (withCookie is not null) request.Headers.Add("Cookie", withCookie); });
            Assert.NotEqual(HttpStatusCode.OK, answer.Status);
            await Wait.UntilAsync(() => Refusals().Count > before, TimeSpan.FromSeconds(10), reason);
            var happened = Assert.Single(Refusals().Skip(before));
            Assert.Equal(reason, happened.Groups["reason"].Value);
            Assert.Contains(happened.Groups["address"].Value, new[] { "127.0.0.1", "::1" });
            Assert.Equal((string?)answer.Body?["requestId"], happened.Groups["request"].Value);
        }
    }

    [Fact, Trait("Row", "S43")]
    public async Task A_persons_day_yields_its_events_in_order()
    {
        var from = Events().Count;
        using (var browser = await servers.Stack.SignedInAsync("bob@globex.test"))
        {
            var cookie = "orggw=" + servers.Stack.SessionOf(browser);
            Assert.Equal(HttpStatusCode.Forbidden, (await _client.GetAsync("/orgs/acme/x", null, r => r.Headers.Add("Cookie", cookie))).Status);
            await browser.GetOneAsync("/auth/logout", default);
            Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync("/orgs/globex/x", null, r => r.Headers.Add("Cookie", cookie))).Status);
        }
        using (var stranger = servers.Stack.BrowserFor())
            await stranger.GetAsync("/auth/callback?state=unknown&code=x", default);

        string[] expected = ["session.signed_in ", "access.refused not_a_member", "session.signed_out ", "access.refused session_ended", "session.sign_in_failed state"];
        await Wait.UntilAsync(() => Events().Skip(from).Count(e => expected.Contains(e)) >= expected.Length, TimeSpan.FromSeconds(10), "the events of the day");
        Assert.Equal(expected, Events().Skip(from).Where(e => expected.Contains(e)));
    }

    public void Dispose() => _client.Dispose();

    private List<Match> Refusals() => [.. Line().Matches(servers.Stack.Gateway.Output).Where(m => m.Groups["event"].Value == "access.refused")];

    private List<string> Events() => [.. Line().Matches(servers.Stack.Gateway.Output).Select(m => m.Groups["event"].Value + " " + m.Groups["reason"].Value.Replace("(null)", "", StringComparison.Ordinal))];

    [GeneratedRegex(@"(?<event>[a-z_]+\.[a-z_]+) reason=(?<reason>\S*) issuer=\S* subject=\S* org=\S* key=\S* prefix=\S* provider=\S* route=\S* address=(?<address>\S*) request=(?<request>\S*)")]
    private static partial Regex Line();
}
