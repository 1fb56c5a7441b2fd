using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OrgGateway.Oidc;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Oidc;

public sealed class IdTokenValidatorTests : IClassFixture<HostileProvider>, IDisposable
{
    private static readonly IdTokenExpectation SignIn = new() { Nonce = "the nonce", AccessToken = HostileProvider.AccessToken };
    private readonly HostileProvider _op;
    private readonly RelyingParty _rp;

    public IdTokenValidatorTests(HostileProvider op)
    {
        _op = op;
        _rp = new(op);
    }

    private long Now => _op.Clock.UtcNow.ToUnixTimeSeconds();

    public void Dispose() => _rp.Dispose();

    [Fact]
    public async Task A_token_as_it_should_be_is_valid()
    {
        var raw = _op.IdToken(claims =>
        {
            (claims["nonce"], claims["at_hash"], claims["azp"]) = ("the nonce", HashOf(HostileProvider.AccessToken), HostileProvider.ClientId);
            (claims["auth_time"], claims["acr"], claims["sid"]) = (Now - 30, "gold", "session-1");
        });

        var token = await _rp.ValidAsync(raw, SignIn with { MaxAge = TimeSpan.FromMinutes(1), Acr = "silver gold" });

        Assert.Equal((raw, HostileProvider.Subject, "gold", "session-1"), (token.Raw, token.Subject, token.Acr, token.SessionId));
        Assert.Equal((Now, Now + 300, Now - 30), (token.IssuedAt.ToUnixTimeSeconds(), token.Expires.ToUnixTimeSeconds(), token.AuthTime!.Value.ToUnixTimeSeconds()));
        Assert.Equal("the nonce", token.Claims.GetProperty("nonce").GetString());
        Assert.DoesNotContain(raw, token.ToString() + new IdTokenResult.Valid(token) + _rp.Logs.Text, StringComparison.Ordinal);
    }

    [Theory, Trait("Row", "O40")]
    [InlineData("https://id.example.com")]
    [InlineData("{issuer}/")]
    [InlineData("{ISSUER}")]
    [InlineData(null)]
    public async Task A_token_of_another_issuer_is_refused(string? iss)
    {
        iss = iss?.Replace("{issuer}", _op.Issuer, StringComparison.Ordinal).Replace("{ISSUER}", _op.Issuer.ToUpperInvariant(), StringComparison.Ordinal);
        Assert.Equal("iss is another", await _rp.RefusalAsync(_op.IdToken(claims => claims["iss"] = iss)));
    }

    [Theory, Trait("Row", "O40"), Trait("Row", "O41"), Trait("Row", "T92")]
    [InlineData("\"gateway\"", null, null)]
    [InlineData("[\"gateway\"]", null, null)]
    [InlineData("[\"gateway\"]", "gateway", null)]
    [InlineData("\"gateway/\"", null, "aud is without the client id")]
    [InlineData("\"Gateway\"", null, "aud is without the client id")]
    [InlineData("\"other\"", null, "aud is without the client id")]
    [InlineData("[]", null, "aud is without the client id")]
    [InlineData("{\"gateway\":1}", null, "aud is without the client id")]
    [InlineData("null", null, "aud is without the client id")]
    [InlineData(null, null, "aud is missing")]
    [InlineData("[\"gateway\",\"other\"]", "gateway", "aud has others that are not trusted")]
    [InlineData("[\"gateway\",7]", "gateway", "aud has others that are not trusted")]
    [InlineData("[\"gateway\",\"project\"]", "gateway", null)]
    [InlineData("[\"project\",\"gateway\"]", null, "azp is missing beside several audiences")]
    [InlineData("[\"gateway\",\"project\"]", "project", "azp is another")]
    [InlineData("\"gateway\"", "other", "azp is another")]
    [InlineData("\"project\"", "gateway", "aud is without the client id")]
    public async Task The_audience_is_this_client_and_nobody_untrusted(string? aud, string? azp, string? refusal)
    {
        using var rp = new RelyingParty(_op, ("TrustedAudiences:0", "project"));
        var token = _op.IdToken(claims =>
        {
            claims.Remove("aud");
            if (aud is not null) claims["aud"] = JsonNode.Parse(aud);
            if (azp is not null) claims["azp"] = azp;
        });

        if (refusal is null) await rp.ValidAsync(token);
        else Assert.Equal(refusal, await rp.RefusalAsync(token));
    }

    [Theory, Trait("Row", "O42"), Trait("Row", "O43")]
    [InlineData("exp", -59, null)]
    [InlineData("exp", -60, "exp is past")]
    [InlineData("exp", null, "exp is missing")]
    [InlineData("nbf", 60, null)]
    [InlineData("nbf", 61, "nbf is ahead")]
    [InlineData("iat", 60, null)]
    [InlineData("iat", 61, "iat is ahead")]
    [InlineData("iat", -660, null)]
    [InlineData("iat", -661, "iat is too old")]
    [InlineData("iat", null, "iat is missing")]
    public async Task Times_count_with_a_minute_of_skew(string claim, int? secondsFromNow, string? refusal)
    {
        var token = _op.IdToken(claims =>
        {
            claims.Remove(claim);
            if (secondsFromNow is { } seconds) claims[claim] = Now + seconds;
        });

        if (refusal is null) await _rp.ValidAsync(token);
        else Assert.Equal(refusal, await _rp.RefusalAsync(token));
    }

    [Theory, Trait("Row", "O42"), Trait("Row", "O43")]
    [InlineData("exp", "\"9999999999\"")]
    [InlineData("exp", "1e300")]
    [InlineData("exp", "-1")]
    [InlineData("exp", "null")]
    [InlineData("nbf", "\"1\"")]
    [InlineData("nbf", "null")]
    [InlineData("iat", "\"1893499200\"")]
    [InlineData("iat", "true")]
    public async Task A_time_that_is_no_number_of_a_clock_is_refused(string claim, string value) =>
        await _rp.RefusalAsync(_op.IdToken(claims => claims[claim] = JsonNode.Parse(value)));

    [Fact, Trait("Row", "O42"), Trait("Row", "O43")]
    public async Task Skew_and_age_are_those_of_the_configuration()
    {
        using var rp = new RelyingParty(_op, ("ClockSkew", "00:00:05"), ("MaxIdTokenAge", "00:01:00"));
        await rp.ValidAsync(_op.IdToken(claims => claims["iat"] = Now - 65));
        Assert.Equal("iat is too old", await rp.RefusalAsync(_op.IdToken(claims => claims["iat"] = Now - 66)));
        Assert.Equal("iat is ahead", await rp.RefusalAsync(_op.IdToken(claims => claims["iat"] = Now + 6)));
        Assert.Equal("exp is past", await rp.RefusalAsync(_op.IdToken(claims => claims["exp"] = Now - 5)));
    }

    [Fact, Trait("Row", "O44")]
    public async Task The_subject_is_of_1_to_255_ASCII_characters()
    {
        await _rp.ValidAsync(_op.IdToken(claims => claims["sub"] = new string('s', 255)));
        foreach (var sub in new JsonNode?[] { null, "", new string('s', 256), "ümlaut", "line\nbreak", 7, new JsonArray("alice") })
        {
            Assert.Equal("sub is missing, or not of 1 to 255 ASCII characters", await _rp.RefusalAsync(_op.IdToken(claims => claims["sub"] = sub?.DeepClone())));
        }

        await _rp.RefusalAsync(_op.IdToken(claims => claims.Remove("sub")));
    }

    [Theory, Trait("Row", "O45")]
    [InlineData("\"the nonce\"", null)]
    [InlineData("\"the nonce \"", "nonce is another")]
    [InlineData("\"\"", "nonce is another")]
    [InlineData("7", "nonce is another")]
    [InlineData("[\"the nonce\"]", "nonce is another")]
    [InlineData(null, "nonce is missing")]
    public async Task The_nonce_is_the_one_sent(string? nonce, string? refusal)
    {
        var token = _op.IdToken(claims =>
        {
            if (nonce is not null) claims["nonce"] = JsonNode.Parse(nonce);
        });

        if (refusal is null) await _rp.ValidAsync(token, SignIn);
        else Assert.Equal(refusal, await _rp.RefusalAsync(token, SignIn));
    }

    [Fact, Trait("Row", "O46")]
    public async Task The_hash_of_the_access_token_is_checked_where_there_is_one()
    {
        var expected = new IdTokenExpectation { AccessToken = HostileProvider.AccessToken };
        await _rp.ValidAsync(_op.IdToken(), expected);
        await _rp.ValidAsync(_op.IdToken(claims => claims["at_hash"] = HashOf(HostileProvider.AccessToken)), expected);
        foreach (var hash in new JsonNode?[] { HashOf("another access token"), "", 7, null })
        {
            Assert.Equal(
                "at_hash is that of another access token",
                await _rp.RefusalAsync(_op.IdToken(claims => claims["at_hash"] = hash?.DeepClone()), expected));
        }
    }

    [Theory, Trait("Row", "O47")]
    [InlineData(-360, null)]
    [InlineData(-361, "auth_time is missing, or older than max_age")]
    [InlineData(null, "auth_time is missing, or older than max_age")]
    [InlineData(61, "auth_time is ahead")]
    public async Task With_max_age_the_sign_in_is_recent(int? authTime, string? refusal)
    {
        var expected = new IdTokenExpectation { MaxAge = TimeSpan.FromMinutes(5) };
        var token = _op.IdToken(claims =>
        {
            if (authTime is { } seconds) claims["auth_time"] = Now + seconds;
        });

        if (refusal is null) await _rp.ValidAsync(token, expected);
        else Assert.Equal(refusal, await _rp.RefusalAsync(token, expected));
    }

    [Fact, Trait("Row", "O48")]
    public async Task A_required_acr_is_one_of_those_asked_for()
    {
        var expected = new IdTokenExpectation { Acr = "silver gold" };
        await _rp.ValidAsync(_op.IdToken(claims => claims["acr"] = "gold"), expected);
        foreach (var acr in new[] { "bronze", "", "silver gold", "Gold", null })
        {
            Assert.Equal("acr is missing, or not one that was asked for", await _rp.RefusalAsync(_op.IdToken(claims => claims["acr"] = acr), expected));
        }
    }

    [Fact, Trait("Row", "T93")]
    public async Task Another_kind_of_token_is_no_ID_Token()
    {
        // An access token (RFC 9068) for this very client, with the nonce.
        Assert.Equal(
            "typ is that of another kind of token",
            await _rp.RefusalAsync(_op.IdToken(claims => claims["nonce"] = "the nonce", header => header["typ"] = "at+jwt"), SignIn));
        Assert.Equal(
            "typ is that of another kind of token",
            await _rp.RefusalAsync(_op.IdToken(header: header => header["typ"] = "application/logout+jwt")));

        // Untyped ones: an access token is for the API; a logout token has events and no nonce.
        Assert.Equal("aud is without the client id", await _rp.RefusalAsync(_op.IdToken(claims => claims["aud"] = "api"), SignIn));
        static void Logout(JsonObject claims) =>
            claims["events"] = new JsonObject { ["http://schemas.openid.net/event/backchannel-logout"] = new JsonObject() };
        Assert.Equal("events make it another kind of token", await _rp.RefusalAsync(_op.IdToken(Logout), SignIn));
        Assert.Equal("events make it another kind of token", await _rp.RefusalAsync(_op.IdToken(Logout)));
        Assert.Equal("nonce is missing", await _rp.RefusalAsync(_op.IdToken(), SignIn));

        foreach (var typ in new[] { "JWT", "jwt", "application/jwt" })
            await _rp.ValidAsync(_op.IdToken(header: header => header["typ"] = typ));
        await _rp.ValidAsync(_op.IdToken(header: header => header.Remove("typ")));
    }

    [Fact, Trait("Row", "O53")]
    public async Task A_refreshed_token_is_of_the_same_sign_in()
    {
        var signedIn = _op.Clock.UtcNow.AddHours(-2);
        var expected = new IdTokenExpectation { IsRefresh = true, Subject = HostileProvider.Subject, Nonce = "the nonce", AuthTime = signedIn };
        Action<JsonObject> authTime = claims => claims["auth_time"] = signedIn.ToUnixTimeSeconds();

        await _rp.ValidAsync(_op.IdToken(), expected);
        await _rp.ValidAsync(_op.IdToken(authTime), expected);
        await _rp.ValidAsync(_op.IdToken(claims => claims["nonce"] = "the nonce"), expected);
        await _rp.ValidAsync(_op.IdToken(claims => claims["azp"] = HostileProvider.ClientId), expected);

        Assert.Equal("sub is another", await _rp.RefusalAsync(_op.IdToken(claims => claims["sub"] = "Alice"), expected));
        Assert.Equal("iss is another", await _rp.RefusalAsync(_op.IdToken(claims => claims["iss"] = "https://id.example.com"), expected));
        Assert.Equal("aud is without the client id", await _rp.RefusalAsync(_op.IdToken(claims => claims["aud"] = "other"), expected));
        Assert.Equal("azp is another", await _rp.RefusalAsync(_op.IdToken(claims => claims["azp"] = "other"), expected));
        Assert.Equal("iat is missing", await _rp.RefusalAsync(_op.IdToken(claims => claims.Remove("iat")), expected));
        Assert.Equal("iat is too old", await _rp.RefusalAsync(_op.IdToken(claims => claims["iat"] = Now - 7200), expected));
        Assert.Equal("auth_time is another", await _rp.RefusalAsync(_op.IdToken(claims => claims["auth_time"] = Now), expected));
        Assert.Equal("nonce is another", await _rp.RefusalAsync(_op.IdToken(claims => claims["nonce"] = "another"), expected));
        Assert.Equal("signature: BadSignature", await _rp.RefusalAsync(_op.IdToken(key: ProviderKey.Rsa("key-1")), expected));
        Assert.Equal("there is no subject to compare with", await _rp.RefusalAsync(_op.IdToken(), new() { IsRefresh = true }));
    }

    // It was issued after the one before and came a moment ago, so a clock is wrong, which says nothing against the person.
    [Theory]
    [InlineData("iat", -7200)]
    [InlineData("iat", 3600)]
    [InlineData("exp", -3600)]
    [InlineData("nbf", 3600)]
    [InlineData("auth_time", 3600)]
    public async Task A_refreshed_token_of_another_hour_is_left_aside_if_it_is_new(string claim, int seconds)
    {
        var token = _op.IdToken(claims => claims[claim] = Now + seconds);
        string Former(int issued) => _op.IdToken(claims => claims["iat"] = Now + issued);
        IdTokenExpectation After(string former) => new() { IsRefresh = true, Subject = HostileProvider.Subject, Former = former };
        Assert.IsType<IdTokenResult.Untimely>(await _rp.ValidateAsync(token, After(Former(-8000))));
        foreach (var former in new[] { token, Former(7200), "no token" })
            Assert.Contains(claim, await _rp.RefusalAsync(token, After(former)), StringComparison.Ordinal);
    }

    // Times are whole seconds: the next request after a sign-in may be a refresh, at a replica whose clock is wrong.
    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    public async Task A_refreshed_token_of_another_hour_is_left_aside_if_it_is_of_the_second_of_the_one_before_or_of_a_clock_a_little_behind(int behind)
    {
        var token = _op.IdToken(claims => (claims["iat"], claims["name"]) = (Now, "Refreshed"));
        var former = _op.IdToken(claims => claims["iat"] = Now + behind);
        var expected = new IdTokenExpectation { IsRefresh = true, Subject = HostileProvider.Subject, Former = former };
        await _rp.ValidAsync(token, expected);
        _op.Clock.Set(TimeSpan.FromHours(1));
        Assert.IsType<IdTokenResult.Untimely>(await _rp.ValidateAsync(token, expected));
        Assert.Equal("exp is past", await _rp.RefusalAsync(former, expected));
    }

    private static string HashOf(string accessToken) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(accessToken)).AsSpan(0, 16));
}
