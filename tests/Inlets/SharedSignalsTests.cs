using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.SignIn;

namespace OrgGateway.Tests.Inlets;

[Collection(ThreeReplicas.Collection)]
public sealed class SharedSignalsTests(ThreeReplicas servers)
{
    public static TheoryData<string> Wrong => ["typ JWT", "no typ", "wrong aud", "exp", "sub", "no jti", "no iat", "old", "wrong iss", "wrong key", "no sub_id", "subject of another issuer", "email", "content type"];

    [Theory]
    [MemberData(nameof(Wrong))]
    [Trait("Row", "P5")]
    public async Task An_event_with_anything_wrong_has_no_effect(string what)
    {
        using var alice = await servers.Stack.SignedInAsync("alice@acme.test");
        var cookie = servers.Stack.SessionOf(alice)!;
        var record = await StoredSession.ReadAsync(servers.Redis, cookie);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        Action<JsonObject>? claims = what switch
        {
            "wrong aud" => c => c["aud"] = "https://gateway.test/other",
            "exp" => c => c["exp"] = now + 60,
            "sub" => c => c["sub"] = record.Subject,
            "no jti" => c => c.Remove("jti"),
            "no iat" => c => c.Remove("iat"),
            "old" => c => c["iat"] = now - (2 * 86400),
            "wrong iss" => c => c["iss"] = record.Issuer,
            "no sub_id" => c => c.Remove("sub_id"),
            "subject of another issuer" => c => c["sub_id"]!["iss"] = servers.Other.Origin,
            "email" => c => c["sub_id"] = new JsonObject { ["format"] = "email", ["email"] = "alice@acme.test" },
            _ => null,
        };
        Action<JsonObject>? header = what switch { "typ JWT" => h => h["typ"] = "JWT", "no typ" => h => h.Remove("typ"), _ => null };
        var token = servers.Event("session-revoked", Subject(record.Issuer, record.Subject), claims, header);
        if (what == "wrong key")
            token = token[..(token.LastIndexOf('.') + 1)] + servers.Event("session-revoked", Subject(record.Issuer, "other")).Split('.')[2];
        using var answer = what == "content type"
            ? await ThreeReplicas.PostAsync(servers.Urls[0], "/auth/events", new StringContent(token))
            : await ThreeReplicas.DeliverAsync(servers.Urls[0], token);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("\"err\":", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await servers.AssertInAsync(cookie);
    }

    [Fact]
    [Trait("Row", "P5")]
    public async Task Claims_that_changed_cause_one_refresh_and_no_logout()
    {
        using var carol = await servers.Stack.SignedInAsync("carol@initech.test");
        var cookie = servers.Stack.SessionOf(carol)!;
        var record = await StoredSession.ReadAsync(servers.Redis, cookie);
        await servers.AssertInAsync(cookie);
        var before = servers.Stack.Provider.Counters.RefreshGrants.Value;

        var token = servers.Event("token-claims-change", Subject(record.Issuer, record.Subject));
        foreach (var url in servers.Urls) // the same jti at each: one effect
        {
            using var answer = await ThreeReplicas.DeliverAsync(url, token);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            await Wait.UntilAsync(
                async () =>
                {
                    await Task.WhenAll(Enumerable.Range(0, 4).SelectMany(_ => servers.Urls).Select(async u => Assert.Equal(HttpStatusCode.OK, await servers.Client.StatusAsync(u, "/me", cookie))));
                    return servers.Stack.Provider.Counters.RefreshGrants.Value > before;
                },
                TimeSpan.FromSeconds(10),
                "the claims are read again");
        }
        Assert.Equal(1, servers.Stack.Provider.Counters.RefreshGrants.Value - before);
    }

    [Fact]
    [Trait("Row", "P5")]
    public async Task A_repeated_event_ends_nothing_twice_and_other_events_are_taken_without_effect()
    {
        using var bob = await servers.Stack.SignedInAsync("bob@globex.test");
        var record = await StoredSession.ReadAsync(servers.Redis, servers.Stack.SessionOf(bob)!);
        var token = servers.Event("session-revoked", new JsonObject
        {
            ["format"] = "complex", ["user"] = Subject(record.Issuer, record.Subject), ["session"] = new JsonObject { ["format"] = "opaque", ["id"] = record.ProviderSession },
        });
        using (var answer = await ThreeReplicas.DeliverAsync(servers.Urls[0], token))
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await servers.OutAsync(servers.Stack.SessionOf(bob)!, "the event");

        using var again = await servers.Stack.SignedInAsync("bob@globex.test");
        foreach (var late in new[] { token, servers.Event("credential-change", Subject(record.Issuer, record.Subject)), servers.Event("x", [], c => c["events"] = new JsonObject { ["https://schemas.openid.net/secevent/ssf/event-type/verification"] = new JsonObject() }) })
        {
            using var answer = await ThreeReplicas.DeliverAsync(servers.Urls[1], late);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }
        await servers.AssertInAsync(servers.Stack.SessionOf(again)!);
    }

    private static JsonObject Subject(string issuer, string subject) => new() { ["format"] = "iss_sub", ["iss"] = issuer, ["sub"] = subject };
}
