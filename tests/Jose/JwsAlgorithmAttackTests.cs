using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using OrgGateway.Jose;
using static OrgGateway.Tests.Jose.TestTokens;

namespace OrgGateway.Tests.Jose;

/// <summary>Tokens that try to choose how they are checked.</summary>
public sealed class JwsAlgorithmAttackTests
{
    private static readonly JwsPolicy Default = TestKeys.Policy("RS256", "PS256", "ES256");
    private static readonly JsonWebKeySet Keys = TestKeys.Set(TestKeys.Jwk(TestKeys.Rsa, "rsa"), TestKeys.Jwk(TestKeys.P256, "ec"));

    public static TheoryData<string> PublicKeyForms => new(PublicKeyBytes.Keys);

    private static Dictionary<string, byte[]> PublicKeyBytes { get; } = new()
    {
        ["PEM"] = Encoding.ASCII.GetBytes(TestKeys.Rsa.ExportSubjectPublicKeyInfoPem()),
        ["PEM with a line end"] = Encoding.ASCII.GetBytes(TestKeys.Rsa.ExportSubjectPublicKeyInfoPem() + "\n"),
        ["PKCS#1 PEM"] = Encoding.ASCII.GetBytes(TestKeys.Rsa.ExportRSAPublicKeyPem()),
        ["DER"] = TestKeys.Rsa.ExportSubjectPublicKeyInfo(),
        ["PKCS#1 DER"] = TestKeys.Rsa.ExportRSAPublicKey(),
        ["modulus"] = TestKeys.Rsa.ExportParameters(false).Modulus!,
        ["JWK"] = Encoding.ASCII.GetBytes(TestKeys.Jwk(TestKeys.Rsa, "rsa").ToJsonString()),
    };

    [Fact]
    public void A_token_of_the_issuer_is_valid()
    {
        foreach (var token in new[] { Rs256("""{"alg":"RS256","kid":"rsa"}"""), Es256("""{"alg":"ES256","kid":"ec"}""") })
        {
            var valid = Assert.IsType<JwsResult.Valid>(Jws.Verify(token, Keys, Default));
            Assert.Equal("alice", valid.Payload.GetProperty("sub").GetString());
        }
    }

    [Theory, Trait("Row", "T84")]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("nOnE")]
    [InlineData("")]
    [InlineData(" none")]
    [InlineData("none\\u0000")]
    [InlineData("rs256")]
    [InlineData("RS256 ")]
    public void No_spelling_of_an_unsigned_algorithm_is_accepted(string alg)
    {
        var token = Rs256($$"""{"alg":"{{alg}}","kid":"rsa"}""");

        Assert.Equal(JwsFault.AlgorithmNotAllowed, Fault(token));
        Assert.Equal(JwsFault.Malformed, Fault(token[..(token.LastIndexOf('.') + 1)]));

        // A policy with the name in it, by a slip of the configuration, allows nothing either.
        Assert.Equal(JwsFault.AlgorithmNotAllowed, Fault(token, TestKeys.Policy("RS256", alg)));
    }

    [Fact, Trait("Row", "T84")]
    public void A_token_with_its_signature_cut_off_is_refused()
    {
        var token = Rs256("""{"alg":"RS256","kid":"rsa"}""");
        var input = token[..token.LastIndexOf('.')];

        Assert.Equal(JwsFault.Malformed, Fault(input));
        Assert.Equal(JwsFault.Malformed, Fault(input + "."));
        Assert.Equal(JwsFault.Malformed, Fault(input + ".A"));
        Assert.Equal(JwsFault.BadSignature, Fault(input + ".AA"));
        Assert.Equal(JwsFault.BadSignature, Fault(WithSignature(token, SignatureOf(token)[..^1])));
        Assert.Equal(JwsFault.BadSignature, Fault(WithSignature(token, [.. SignatureOf(token), 0])));
        Assert.Equal(JwsFault.BadSignature, Fault(WithSignature(token, [0, .. SignatureOf(token)])));
    }

    [Theory, Trait("Row", "T85"), MemberData(nameof(PublicKeyForms))]
    public void The_public_key_of_the_issuer_is_no_secret_to_sign_with(string form)
    {
        var secret = PublicKeyBytes[form];
        foreach (var header in new[] { """{"alg":"HS256","kid":"rsa"}""", """{"alg":"HS256"}""" })
        {
            var token = Hs256(header, secret);

            Assert.Equal(JwsFault.AlgorithmNotAllowed, Fault(token));
            Assert.Equal(JwsFault.UnknownKey, Fault(token, TestKeys.Policy("RS256", "HS256")));

            var withSecret = new JsonWebKeySet([.. Keys.Keys, JsonWebKey.FromSymmetric(TestKeys.Secret, "rsa")]);
            Assert.Equal(JwsFault.BadSignature, Refusal(Jws.Verify(token, withSecret, TestKeys.Policy("RS256", "HS256"))));
        }

        // The same token is right where these very bytes are a configured secret: the attack was well made.
        var configured = new JsonWebKeySet([JsonWebKey.FromSymmetric(secret, "rsa")]);
        Assert.IsType<JwsResult.Valid>(Jws.Verify(Hs256("""{"alg":"HS256","kid":"rsa"}""", secret), configured, TestKeys.Policy("HS256")));
        Assert.Equal(JwsFault.AlgorithmNotAllowed, Refusal(Jws.Verify(Hs256("""{"alg":"HS256"}""", secret), configured, Default)));
    }

    [Theory, Trait("Row", "T86")]
    [InlineData("""{"alg":"RSA-OAEP","enc":"A128GCM","kid":"rsa"}""")]
    [InlineData("""{"alg":"RSA-OAEP","enc":"A128GCM","kid":"rsa","zip":"DEF"}""")]
    [InlineData("""{"alg":"dir","enc":"A128GCM","zip":"DEF"}""")]
    [InlineData("""{"alg":"RS256","kid":"rsa"}""")]
    public void A_token_of_five_parts_is_refused_and_never_inflated(string header)
    {
        var content = Deflated(megabytes: 10);
        var parts = Rs256(header).Split('.');
        var token = string.Join('.', parts[0], parts[2], "AAAAAAAAAAAAAAAA", System.Buffers.Text.Base64Url.EncodeToString(content), "AAAAAAAAAAAAAAAAAAAAAA");
        Assert.InRange(token.Length, 10_000, Jws.MaxTokenLength);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var fault = Fault(token);
        var read = Jws.TryReadUnverified(token, out _, out _);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(JwsFault.Malformed, fault);
        Assert.False(read);
        Assert.InRange(allocated, 0, 64 * 1024);
    }

    [Theory, Trait("Row", "T86")]
    [InlineData("a.b")]
    [InlineData("a")]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("....")]
    [InlineData(".e30.AA")]
    [InlineData("e30..AA")]
    [InlineData("e30.e30.")]
    [InlineData("e30.e30.AA.")]
    [InlineData(".e30.e30.AA")]
    [InlineData("e30.e30.AA.AA")]
    [InlineData("e30.e30.AA.AA.AA")]
    public void A_token_of_other_than_three_parts_is_refused(string token)
    {
        Assert.Equal(JwsFault.Malformed, Fault(token));
        Assert.False(Jws.TryReadUnverified(token, out _, out _));
    }

    [Theory]
    [InlineData("EdDSA")]
    [InlineData("ES256K")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    [InlineData("RSA1_5")]
    public void An_algorithm_that_is_not_offered_is_refused_even_where_a_policy_names_it(string alg)
    {
        var token = Rs256($$"""{"alg":"{{alg}}","kid":"rsa"}""");

        Assert.Equal(JwsFault.AlgorithmNotAllowed, Fault(token, TestKeys.Policy("RS256", alg)));
        Assert.DoesNotContain(alg, Jws.Algorithms.AsEnumerable());
    }

    [Fact]
    public void A_token_signed_on_secp256k1_is_refused_with_its_key_in_the_set()
    {
        using var key = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        var jwk = TestKeys.Jwk(key, "k1");
        var token = Signed("""{"alg":"ES256","kid":"k1"}""", Claims, input => key.SignData(input, HashAlgorithmName.SHA256));

        foreach (var curve in new[] { "secp256k1", "P-256" })
        {
            jwk["crv"] = curve;
            Assert.Equal(JwsFault.UnknownKey, Refusal(Jws.Verify(token, TestKeys.Set(jwk), Default)));
        }
    }

    [Fact]
    public void An_algorithm_outside_the_policy_is_refused_with_a_right_signature()
    {
        var token = Signed("""{"alg":"PS512","kid":"rsa"}""", Claims,
            input => TestKeys.Rsa.SignData(input, HashAlgorithmName.SHA512, RSASignaturePadding.Pss));

        Assert.Equal(JwsFault.AlgorithmNotAllowed, Fault(token));
        Assert.IsType<JwsResult.Valid>(Jws.Verify(token, Keys, TestKeys.Policy("PS512")));
    }

    private static JwsFault Fault(string token, JwsPolicy? policy = null) => Refusal(Jws.Verify(token, Keys, policy ?? Default));

    private static JwsFault Refusal(JwsResult result) => Assert.IsType<JwsResult.Refused>(result).Fault;

    private static byte[] Deflated(int megabytes)
    {
        var output = new MemoryStream();
        using (var deflate = new DeflateStream(output, CompressionLevel.SmallestSize))
            deflate.Write(new byte[megabytes * 1024 * 1024]);
        return output.ToArray();
    }
}
