using OrgGateway.Oidc;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Oidc;

/// <summary>Which signatures an ID Token may have; what is signed is the business of <see cref="IdTokenValidatorTests"/>.</summary>
public sealed class IdTokenSignatureTests : IClassFixture<HostileProvider>, IDisposable
{
    private readonly HostileProvider _op;
    private readonly RelyingParty _rp;

    public IdTokenSignatureTests(HostileProvider op)
    {
        _op = op;
        _rp = new(op);
    }

    public void Dispose() => _rp.Dispose();

    [Theory, Trait("Row", "O38"), Trait("Row", "O39")]
    [InlineData("RS256", true)]
    [InlineData("PS256", true)]
    [InlineData("ES256", true)]
    [InlineData("RS384", false)]
    [InlineData("RS512", false)]
    [InlineData("PS512", false)]
    public async Task The_default_algorithms_are_these_three(string alg, bool allowed)
    {
        await using var op = new HostileProvider();
        await op.InitializeAsync();
        op.SigningKey = alg == "ES256" ? ProviderKey.Ec("k") : ProviderKey.Rsa("k", alg);
        op.PublishedKeys = [op.SigningKey];
        using var rp = new RelyingParty(op);
        using var exactly = new RelyingParty(op, ("IdTokenAlgorithms:0", alg));
        using var another = new RelyingParty(op, ("IdTokenAlgorithms:0", alg == "RS256" ? "ES256" : "RS256"));

        Assert.Equal(allowed, await rp.ValidateAsync(op.IdToken()) is IdTokenResult.Valid);
        await exactly.ValidAsync(op.IdToken());
        Assert.Equal("signature: AlgorithmNotAllowed", await another.RefusalAsync(op.IdToken()));
    }

    [Theory, Trait("Row", "O39"), Trait("Row", "T84")]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("nOnE")]
    [InlineData("NONE")]
    [InlineData("")]
    public async Task Without_an_algorithm_no_token_is_valid(string alg)
    {
        var signed = _op.IdToken(header: header => header["alg"] = alg);
        var body = signed[..signed.LastIndexOf('.')];
        using var careless = new RelyingParty(_op, ("IdTokenAlgorithms:0", "RS256"), ("IdTokenAlgorithms:1", alg));
        foreach (var token in new[] { signed, body + ".", body, body + ".AA" })
        {
            await _rp.RefusalAsync(token);
            await careless.RefusalAsync(token);
        }
    }

    [Fact, Trait("Row", "O39"), Trait("Row", "T84")]
    public async Task A_signature_cut_off_shortened_or_changed_is_refused()
    {
        var token = _op.IdToken();
        var signature = token.LastIndexOf('.') + 1;
        Assert.Equal("signature: Malformed", await _rp.RefusalAsync(token[..signature]));
        Assert.Equal("signature: Malformed", await _rp.RefusalAsync(token[..(signature - 1)]));
        Assert.Equal("signature: BadSignature", await _rp.RefusalAsync(token[..^10]));
        Assert.Equal("signature: BadSignature", await _rp.RefusalAsync(token[..signature] + _op.IdToken(claims => claims["sub"] = "bob")[signature..]));
    }

    [Theory, Trait("Row", "O38"), Trait("Row", "O49")]
    [InlineData("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.AA.AA.AA.AA")]
    [InlineData("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwiemlwIjoiREVGIn0..AA.AA.AA")]
    [InlineData("a.b.c")]
    [InlineData("opaque")]
    [InlineData("")]
    public async Task What_is_no_signed_token_of_three_parts_is_refused(string token) =>
        Assert.Equal("signature: Malformed", await _rp.RefusalAsync(token));

    [Fact, Trait("Row", "O39")]
    public async Task HS256_counts_only_where_configured_and_only_with_the_client_secret()
    {
        var secret = ProviderKey.Hmac(HostileProvider.ClientSecret);
        Assert.Equal("signature: AlgorithmNotAllowed", await _rp.RefusalAsync(_op.IdToken(key: secret)));

        using var rp = new RelyingParty(_op, ("IdTokenAlgorithms:0", "HS256"));
        await rp.ValidAsync(_op.IdToken(key: secret));
        await rp.ValidAsync(_op.IdToken(header: header => header["kid"] = "any", key: secret));
        Assert.Equal("signature: BadSignature", await rp.RefusalAsync(_op.IdToken(key: ProviderKey.Hmac(HostileProvider.ClientSecret + "!"))));
        Assert.Equal("signature: AlgorithmNotAllowed", await rp.RefusalAsync(_op.IdToken()));

        // Beside RS256, the published key is still no secret.
        using var both = new RelyingParty(_op, ("IdTokenAlgorithms:0", "HS256"), ("IdTokenAlgorithms:1", "RS256"));
        await both.ValidAsync(_op.IdToken(key: secret));
        await both.ValidAsync(_op.IdToken());
        foreach (var text in new[] { _op.SigningKey.Jwk.ToJsonString(), (string)_op.SigningKey.Jwk["n"]! })
            Assert.Equal("signature: BadSignature", await both.RefusalAsync(_op.IdToken(header: header => header["kid"] = "key-1", key: ProviderKey.Hmac(text))));
    }

    [Theory, Trait("Row", "O9")]
    [InlineData("jku")]
    [InlineData("x5u")]
    [InlineData("jwk")]
    [InlineData("x5c")]
    public async Task A_key_that_the_token_itself_brings_is_not_used(string member)
    {
        var attacker = ProviderKey.Rsa("key-1");
        Assert.Equal("signature: BadSignature", await _rp.RefusalAsync(_op.IdToken(header: Bring, key: attacker)));
        await _rp.ValidAsync(_op.IdToken(header: Bring));

        void Bring(System.Text.Json.Nodes.JsonObject header) => header[member] = member == "jwk" ? attacker.Jwk.DeepClone() : _op.Origin + "/jwks";
    }
}
