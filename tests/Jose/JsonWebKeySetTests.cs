using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OrgGateway.Jose;
using static OrgGateway.Tests.Jose.TestTokens;

namespace OrgGateway.Tests.Jose;

public sealed class JsonWebKeySetTests
{
    private static readonly JwsPolicy Default = TestKeys.Policy("RS256", "PS256", "ES256", "ES384", "ES512");

    [Theory, Trait("Row", "O6")]
    [InlineData(null, null, true)]
    [InlineData("sig", null, true)]
    [InlineData("enc", null, false)]
    [InlineData("SIG", null, false)]
    [InlineData("", null, false)]
    [InlineData(null, "[\"verify\"]", true)]
    [InlineData("sig", "[\"sign\",\"verify\"]", true)]
    [InlineData(null, "[\"sign\"]", false)]
    [InlineData(null, "[\"encrypt\",\"wrapKey\"]", false)]
    [InlineData(null, "[]", false)]
    [InlineData(null, "\"verify\"", false)]
    [InlineData("enc", "[\"verify\"]", false)]
    public void A_key_is_used_for_what_it_is_meant_for(string? use, string? operations, bool fits)
    {
        var jwk = TestKeys.Jwk(TestKeys.Rsa, "k");
        if (use is not null)
            jwk["use"] = use;
        if (operations is not null)
            jwk["key_ops"] = JsonNode.Parse(operations);

        var result = Jws.Verify(Rs256("""{"alg":"RS256","kid":"k"}"""), TestKeys.Set(jwk), Default);

        Assert.Equal(fits, result is JwsResult.Valid);
        Assert.Equal(fits, TestKeys.Key(jwk)!.Fits("RS256"));
        Assert.Equal(use, TestKeys.Key(jwk)!.Use);
    }

    [Theory, Trait("Row", "O6")]
    [InlineData("RSA", "RS256 RS384 RS512 PS256 PS384 PS512")]
    [InlineData("P-256", "ES256")]
    [InlineData("P-384", "ES384")]
    [InlineData("P-521", "ES512")]
    public void A_key_fits_the_algorithms_of_its_type_and_curve(string key, string algorithms)
    {
        var jwk = key switch
        {
            "RSA" => TestKeys.Jwk(TestKeys.Rsa),
            "P-256" => TestKeys.Jwk(TestKeys.P256),
            "P-384" => TestKeys.Jwk(TestKeys.P384),
            _ => TestKeys.Jwk(TestKeys.P521),
        };

        Assert.Equal(algorithms.Split(' ').Order(), Jws.Algorithms.Where(TestKeys.Key(jwk)!.Fits).Order());
        Assert.Equal(["HS256"], Jws.Algorithms.Where(JsonWebKey.FromSymmetric(TestKeys.Secret, null).Fits));
        Assert.False(TestKeys.Key(jwk)!.Fits("none"));
        Assert.False(TestKeys.Key(jwk)!.Fits("EdDSA"));
    }

    [Fact, Trait("Row", "O6")]
    public void A_key_with_an_algorithm_fits_that_alone()
    {
        var jwk = TestKeys.Jwk(TestKeys.Rsa, "k");
        jwk["alg"] = "PS256";

        Assert.Equal(["PS256"], Jws.Algorithms.Where(TestKeys.Key(jwk)!.Fits));
        Assert.Equal(JwsFault.UnknownKey, Fault(Rs256("""{"alg":"RS256","kid":"k"}"""), TestKeys.Set(jwk)));

        // A key for encryption by its algorithm signs nothing, whatever its use is not saying.
        jwk["alg"] = "RSA-OAEP";
        Assert.DoesNotContain(Jws.Algorithms, TestKeys.Key(jwk)!.Fits);
    }

    [Theory, Trait("Row", "O6")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","kid":"x","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""")]
    [InlineData("""{"kty":"oct","kid":"x","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}""")]
    [InlineData("""{"kty":"AKP","kid":"x","alg":"ML-DSA-44"}""")]
    [InlineData("""{"kty":"rsa","kid":"x"}""")]
    [InlineData("""{"kty":"RSA","kid":"x"}""")]
    [InlineData("""{"kty":"RSA","kid":"x","n":"AQAB","e":"AQAB"}""")]
    [InlineData("""{"kty":"RSA","kid":"x","n":1,"e":"AQAB"}""")]
    [InlineData("""{"kty":"EC","kid":"x","crv":"P-256"}""")]
    [InlineData("""{"kty":"EC","kid":"x","crv":"P-256","x":"AAAA","y":"AAAA"}""")]
    [InlineData("""{"kty":"EC","kid":"x","crv":"P-192","x":"AAAA","y":"AAAA"}""")]
    [InlineData("""{"kty":1,"kid":"x"}""")]
    [InlineData("""{"kid":"x"}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"RSA\"")]
    public void A_key_that_is_not_understood_is_left_out_beside_a_sound_one(string unknown)
    {
        var set = $$"""{"keys":[{{unknown}},{{TestKeys.Jwk(TestKeys.Rsa, "k").ToJsonString()}},{{unknown}}]}""";

        var keys = JsonWebKeySet.TryParse(Encoding.UTF8.GetBytes(set));

        Assert.Equal("k", Assert.Single(keys!.Keys).Kid);
        Assert.True(keys.Contains("k"));
        Assert.False(keys.Contains("x"));
        Assert.IsType<JwsResult.Valid>(Jws.Verify(Rs256("""{"alg":"RS256"}"""), keys, Default));
    }

    [Theory, Trait("Row", "O6")]
    [InlineData("kid", "1")]
    [InlineData("kid", "null")]
    [InlineData("alg", "256")]
    [InlineData("use", "[\"sig\"]")]
    public void A_key_whose_description_is_not_understood_is_left_out(string member, string value)
    {
        var jwk = TestKeys.Jwk(TestKeys.Rsa);
        jwk[member] = JsonNode.Parse(value);

        Assert.Null(TestKeys.Key(jwk));
    }

    [Fact, Trait("Row", "O6")]
    public void An_RSA_key_is_as_strong_as_its_value()
    {
        var modulus = TestKeys.Rsa.ExportParameters(false).Modulus!;
        var weak = TestKeys.WeakRsa.ExportParameters(false).Modulus!;

        Assert.NotNull(TestKeys.Key(Rsa(modulus, [1, 0, 1])));
        Assert.NotNull(TestKeys.Key(Rsa([0, 0, .. modulus], [0, 1, 0, 1])));
        Assert.NotNull(TestKeys.Key(Rsa(modulus, [3])));

        Assert.Null(TestKeys.Key(Rsa(weak, [1, 0, 1])));
        Assert.Null(TestKeys.Key(Rsa([.. new byte[128], .. weak], [1, 0, 1])));
        Assert.Null(TestKeys.Key(Rsa([0x7F, .. modulus[1..]], [1, 0, 1])));
        Assert.Null(TestKeys.Key(Rsa([], [1, 0, 1])));
        Assert.Null(TestKeys.Key(Rsa(new byte[256], [1, 0, 1])));
        Assert.Null(TestKeys.Key(Rsa([1, .. new byte[1024]], [1, 0, 1])));

        // e = 1: every signature proves itself. An even e belongs to no key.
        Assert.Null(TestKeys.Key(Rsa(modulus, [1])));
        Assert.Null(TestKeys.Key(Rsa(modulus, [0])));
        Assert.Null(TestKeys.Key(Rsa(modulus, [2])));
        Assert.Null(TestKeys.Key(Rsa(modulus, [1, 0, 0])));
        Assert.Null(TestKeys.Key(Rsa(modulus, [])));
        Assert.Null(TestKeys.Key(Rsa(modulus, [1, .. new byte[8], 1])));
    }

    [Fact, Trait("Row", "O6")]
    public void An_EC_key_is_a_point_of_its_curve()
    {
        var right = TestKeys.Jwk(TestKeys.P256);
        Assert.NotNull(TestKeys.Key(right));

        var point = TestKeys.P256.ExportParameters(false).Q;
        foreach (var (x, y) in new (byte[] X, byte[] Y)[]
        {
            (point.Y!, point.X!), (new byte[32], new byte[32]), (point.X![..31], point.Y!), ([0, .. point.X], [0, .. point.Y!]),
            ([.. Enumerable.Repeat((byte)0xFF, 32)], point.Y!), ([], []),
        })
        {
            var wrong = right.DeepClone().AsObject();
            (wrong["x"], wrong["y"]) = (Base64Url.EncodeToString(x), Base64Url.EncodeToString(y));
            Assert.Null(TestKeys.Key(wrong));
        }

        right["crv"] = "P-384";
        Assert.Null(TestKeys.Key(right));
    }

    [Fact, Trait("Row", "O8")]
    public void A_token_without_kid_is_checked_with_the_one_key_that_fits()
    {
        var encryption = TestKeys.Jwk(TestKeys.OtherRsa, "enc");
        encryption["use"] = "enc";
        var keys = TestKeys.Set(encryption, TestKeys.Jwk(TestKeys.P256, "ec"), TestKeys.Jwk(TestKeys.Rsa, "rsa"));

        Assert.IsType<JwsResult.Valid>(Jws.Verify(Rs256("""{"alg":"RS256"}"""), keys, Default));
        Assert.IsType<JwsResult.Valid>(Jws.Verify(Es256("""{"alg":"ES256"}"""), keys, Default));
        Assert.Equal(JwsFault.BadSignature, Fault(Rs256("""{"alg":"RS256"}""", key: TestKeys.OtherRsa), keys));
        Assert.Equal(JwsFault.UnknownKey, Fault(Rs256("""{"alg":"RS256"}"""), JsonWebKeySet.Empty));
    }

    [Fact, Trait("Row", "O8")]
    public void A_token_without_kid_is_refused_where_several_keys_fit()
    {
        var keys = TestKeys.Set(TestKeys.Jwk(TestKeys.OtherRsa, "one"), TestKeys.Jwk(TestKeys.Rsa, "two"), TestKeys.Jwk(TestKeys.P256, "ec"));
        var token = Rs256("""{"alg":"RS256"}""");
        var tryAll = Default with { TryAllKeysWithoutKid = true };

        Assert.Equal(JwsFault.AmbiguousKey, Fault(token, keys));
        Assert.IsType<JwsResult.Valid>(Jws.Verify(token, keys, tryAll));

        using var stranger = RSA.Create(2048);
        var forged = Rs256("""{"alg":"RS256"}""", key: stranger);
        Assert.Equal(new JwsResult.Refused(JwsFault.BadSignature, null), Jws.Verify(forged, keys, tryAll));

        // The option loosens nothing for a token that names its key.
        Assert.Equal(JwsFault.BadSignature, Fault(Rs256("""{"alg":"RS256","kid":"one"}"""), keys, tryAll));
        Assert.Equal(JwsFault.UnknownKey, Fault(Rs256("""{"alg":"RS256","kid":"three"}"""), keys, tryAll));
    }

    [Fact]
    public void Two_keys_of_one_kid_are_told_apart_by_fit()
    {
        var keys = TestKeys.Set(TestKeys.Jwk(TestKeys.P256, "k"), TestKeys.Jwk(TestKeys.Rsa, "k"));

        Assert.IsType<JwsResult.Valid>(Jws.Verify(Rs256("""{"alg":"RS256","kid":"k"}"""), keys, Default));
        Assert.IsType<JwsResult.Valid>(Jws.Verify(Es256("""{"alg":"ES256","kid":"k"}"""), keys, Default));

        var same = TestKeys.Set(TestKeys.Jwk(TestKeys.OtherRsa, "k"), TestKeys.Jwk(TestKeys.Rsa, "k"));
        Assert.Equal(JwsFault.AmbiguousKey, Fault(Rs256("""{"alg":"RS256","kid":"k"}"""), same));
    }

    [Fact]
    public void A_key_without_kid_is_not_the_one_a_token_names()
    {
        var keys = TestKeys.Set(TestKeys.Jwk(TestKeys.Rsa));

        Assert.Equal(new JwsResult.Refused(JwsFault.UnknownKey, "new"), Jws.Verify(Rs256("""{"alg":"RS256","kid":"new"}"""), keys, Default));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"keys":{}}""")]
    [InlineData("""{"keys":null}""")]
    [InlineData("""{"keys":[],"keys":[]}""")]
    [InlineData("""{"keys":[]""")]
    [InlineData("<html></html>")]
    public void A_text_that_is_no_key_set_is_none(string text) => Assert.Null(JsonWebKeySet.TryParse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void An_empty_key_set_is_a_key_set() => Assert.Empty(JsonWebKeySet.TryParse("""{"keys":[],"more":1}"""u8)!.Keys);

    [Fact]
    public void Keys_after_the_hundredth_are_ignored()
    {
        var keys = TestKeys.Set([.. Enumerable.Range(1, 120).Select(i => TestKeys.Jwk(TestKeys.P256, $"k{i}"))]);

        Assert.Equal(100, keys.Keys.Count);
        Assert.True(keys.Contains("k100"));
        Assert.False(keys.Contains("k101"));
    }

    [Fact]
    public void A_shared_secret_is_as_long_as_its_hash()
    {
        Assert.Throws<ArgumentException>(() => JsonWebKey.FromSymmetric(new byte[31], null));

        var secret = TestKeys.Secret.ToArray();
        var keys = new JsonWebKeySet([JsonWebKey.FromSymmetric(secret, null)]);
        Array.Clear(secret);
        Assert.IsType<JwsResult.Valid>(Jws.Verify(Hs256("""{"alg":"HS256"}""", TestKeys.Secret), keys, TestKeys.Policy("HS256")));
        Assert.Equal(JwsFault.AlgorithmNotAllowed, Fault(Hs256("""{"alg":"HS256"}""", TestKeys.Secret), keys));
    }

    private static JsonObject Rsa(byte[] modulus, byte[] exponent) => new()
    {
        ["kty"] = "RSA",
        ["n"] = Base64Url.EncodeToString(modulus),
        ["e"] = Base64Url.EncodeToString(exponent),
    };

    private static JwsFault Fault(string token, JsonWebKeySet keys, JwsPolicy? policy = null) =>
        Assert.IsType<JwsResult.Refused>(Jws.Verify(token, keys, policy ?? Default)).Fault;
}
