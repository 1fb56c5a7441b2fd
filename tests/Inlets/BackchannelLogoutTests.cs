using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Inlets;

[Collection(ThreeReplicas.Collection)]
public sealed class BackchannelLogoutTests(ThreeReplicas servers)
{
    private const string LogoutEvent = "http://schemas.openid.net/event/backchannel-logout";

    [Fact]
    [Trait("Row", "P4")]
    [Trait("Row", "O64")]
    [Trait("Row", "O66")]
    [Trait("Row", "O67")]
    [Trait("Row", "O68")]
    [Trait("Row", "O119")]
    public async Task With_sid_that_session_ends_with_sub_alone_all_of_the_subject_and_no_token_counts_twice()
    {
        var (one, two, other) = (await servers.SessionAsync("pat", "sid-1"), await servers.SessionAsync("pat", "sid-2"), await servers.SessionAsync("pats", "sid-3"));
        var token = servers.LogoutToken(c => { c["sub"] = "pat"; c["sid"] = "sid-1"; });
        using (var answer = await ThreeReplicas.LogoutAsync(servers.Urls[1], token))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.True(answer.Headers.CacheControl!.NoStore);
        }
        await servers.OutAsync(one, "the logout token with sid");
        await servers.AssertInAsync(two);

        using (var again = await ThreeReplicas.LogoutAsync(servers.Urls[2], token))
            await AssertRefusedAsync(again, "used before");
        using (var all = await ThreeReplicas.LogoutAsync(servers.Urls[0], servers.LogoutToken(c => c["sub"] = "pat")))
            Assert.Equal(HttpStatusCode.OK, all.StatusCode);
        await servers.OutAsync(two, "the logout token with sub");
        await servers.AssertInAsync(other);
    }

    public static TheoryData<string> Wrong =>
    [
        "alg none", "no event", "event no object", "events no object", "nonce", "wrong alg", "wrong key", "wrong aud", "wrong event", "wrong iss", "other provider's iss", "no sub and no sid", "empty sid",
        "no iat", "old iat", "iat ahead", "no exp", "past exp", "no jti", "typ of an access token", "id token", "garbage",
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    [Trait("Row", "O65")]
    [Trait("Row", "O120")]
    [Trait("Row", "O121")]
    [Trait("Row", "O122")]
    [Trait("Row", "O123")]
    [Trait("Row", "O124")]
    [Trait("Row", "O125")]
    [Trait("Row", "O126")]
    public async Task A_token_with_anything_wrong_is_refused_and_the_session_stays(string what)
    {
        var cookie = await servers.SessionAsync("eve", "sid-eve");
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        Action<JsonObject>? claims = what switch
        {
            "no event" => c => c.Remove("events"),
            "event no object" => c => c["events"] = new JsonObject { [LogoutEvent] = true },
            "events no object" => c => c["events"] = LogoutEvent,
            "nonce" => c => c["nonce"] = "n",
            "wrong aud" => c => c["aud"] = "somebody-else",
            "wrong event" => c => c["events"] = new JsonObject { [LogoutEvent + "/wrong"] = new JsonObject() },
            "wrong iss" => c => c["iss"] = "https://nobody.example",
            "other provider's iss" => c => { c["iss"] = servers.Stack.Provider.Issuer; c["aud"] = "gateway"; },
            "no sub and no sid" => c => { c.Remove("sub"); c.Remove("sid"); },
            "empty sid" => c => c["sid"] = "",
            "no iat" => c => c.Remove("iat"),
            "old iat" => c => { c["iat"] = now - 3600; },
            "iat ahead" => c => { c["iat"] = now + 3600; c["exp"] = now + 7200; },
            "no exp" => c => c.Remove("exp"),
            "past exp" => c => { c["exp"] = now - 600; },
            "no jti" => c => c.Remove("jti"),
            "id token" => c => { c.Remove("events"); c["nonce"] = "n"; },
            _ => null,
        };
        void Claims(JsonObject c)
        {
            (c["sub"], c["sid"]) = ("eve", "sid-eve");
            claims?.Invoke(c);
        }
        var token = what switch
        {
            "alg none" => servers.LogoutToken(Claims, h => h["alg"] = "none") is var signed ? signed[..(signed.LastIndexOf('.') + 1)] : "",
            "wrong alg" => servers.LogoutToken(Claims, key: ProviderKey.Hmac("a secret that nobody asks for")),
            "wrong key" => servers.LogoutToken(Claims, key: ProviderKey.Rsa(servers.Other.SigningKey.Kid)),
            "typ of an access token" => servers.LogoutToken(Claims, h => h["typ"] = "at+jwt"),
            "garbage" => "a.b.c",
            _ => servers.LogoutToken(Claims),
        };
        using var answer = await ThreeReplicas.LogoutAsync(servers.Urls[0], token);
        await AssertRefusedAsync(answer, null);
        await servers.AssertInAsync(cookie);
    }

    [Fact]
    [Trait("Row", "O65")]
    public async Task Tokens_without_typ_or_of_the_type_JWT_are_taken()
    {
        foreach (var header in new Action<JsonObject>[] { h => h.Remove("typ"), h => h["typ"] = "JWT" })
        {
            var cookie = await servers.SessionAsync("untyped", "sid-untyped");
            using var answer = await ThreeReplicas.LogoutAsync(servers.Urls[0], servers.LogoutToken(c => c["sid"] = "sid-untyped", header));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            await servers.OutAsync(cookie, "the token");
        }
    }

    [Fact]
    [Trait("Row", "O64")]
    public async Task A_key_rotated_in_just_now_is_fetched()
    {
        var cookie = await servers.SessionAsync("rotated", "sid-rotated");
        var former = servers.Other.SigningKey;
        servers.Other.RotateKey("key-" + System.Security.Cryptography.RandomNumberGenerator.GetHexString(8));
        servers.Other.PublishedKeys = [servers.Other.SigningKey, former];
        // A replica refetches once in a cooldown; one that did for another test may have to wait for it.
        await Wait.UntilAsync(
            async () =>
            {
                using var answer = await ThreeReplicas.LogoutAsync(servers.Urls[2], servers.LogoutToken(c => c["sid"] = "sid-rotated"));
                return answer.StatusCode == HttpStatusCode.OK;
            },
            TimeSpan.FromSeconds(60),
            "the new key is known");
        await servers.OutAsync(cookie, "the token");
    }

    [Fact]
    [Trait("Row", "T96")]
    [Trait("Row", "T108")]
    public async Task What_is_no_form_or_too_large_is_refused_and_floods_are_bounded_without_harm_to_sign_ins()
    {
        // A gateway of its own: its guard counts what this test sends.
        var gateway = await servers.Stack.StartReplicaAsync();
        using (var none = await ThreeReplicas.PostAsync(gateway.Url, "/auth/backchannel-logout", new ByteArrayContent([])))
            await AssertRefusedAsync(none, null);
        using (var json = await ThreeReplicas.PostAsync(gateway.Url, "/auth/backchannel-logout", new StringContent("{}", System.Net.Http.Headers.MediaTypeHeaderValue.Parse("application/json"))))
            await AssertRefusedAsync(json, null);
        using (var twice = await ThreeReplicas.PostAsync(gateway.Url, "/auth/backchannel-logout", new FormUrlEncodedContent([new("logout_token", "a"), new("logout_token", "b")])))
            await AssertRefusedAsync(twice, null);
        using (var large = await ThreeReplicas.PostAsync(gateway.Url, "/auth/backchannel-logout", new FormUrlEncodedContent([new("logout_token", new string('a', 16 * 1024))])))
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);

        using var http = new HttpClient();
        var statuses = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async _ =>
        {
            using var answer = await http.PostAsync(new Uri(gateway.Url, "/auth/backchannel-logout"), new FormUrlEncodedContent([new("logout_token", "a.b.c")]));
            return answer.StatusCode;
        }));
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        Assert.All(statuses, s => Assert.True(s is HttpStatusCode.TooManyRequests or HttpStatusCode.BadRequest));
        Assert.Equal(HttpStatusCode.Redirect, await servers.Client.StatusAsync(gateway.Url, "/auth/login", null));
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage answer, string? what)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, body);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Equal("invalid_request", JsonDocument.Parse(body).RootElement.GetProperty("error").GetString());
        if (what is not null)
            Assert.Contains(what, body, StringComparison.Ordinal);
    }
}
