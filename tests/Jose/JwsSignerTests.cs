using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrgGateway.Jose;

namespace OrgGateway.Tests.Jose;

public sealed class JwsSignerTests
{
    public static TheoryData<string> Algorithms => new("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512");

    [Theory, MemberData(nameof(Algorithms))]
    public void A_signed_token_verifies_with_the_published_key(string alg)
    {
        using var signer = Signer(alg);

        var token = signer.Sign("at+jwt", "{\"sub\":\"alice é\"}"u8);

        var valid = Assert.IsType<JwsResult.Valid>(Jws.Verify(token, Published(signer), TestKeys.Policy(alg)));
        Assert.Equal(new JwsHeader(alg, "key 1", "at+jwt"), valid.Header);
        Assert.Equal("alice é", valid.Payload.GetProperty("sub").GetString());
        Assert.Equal(alg, signer.Algorithm);
        Assert.Equal("key 1", signer.Kid);
    }

    [Fact]
    public void A_signed_token_verifies_with_the_library()
    {
        using var signer = Signer("ES256");

        var parts = signer.Sign("JWT", "{}"u8).Split('.');

        Assert.Equal("""{"alg":"ES256","typ":"JWT","kid":"key 1"}""", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])));
        Assert.Equal("{}", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])));
        Assert.True(TestKeys.P256.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256));
    }

    [Fact]
    public void Tokens_of_two_types_do_not_share_a_header()
    {
        using var signer = Signer("ES256");

        var types = new[] { "JWT", "at+jwt", "JWT", "a\"b" }.Select(typ =>
        {
            Assert.True(Jws.TryReadUnverified(signer.Sign(typ, "{}"u8), out var header, out _));
            return header.Typ;
        });

        Assert.Equal(["JWT", "at+jwt", "JWT", "a\"b"], types);
    }

    [Theory, MemberData(nameof(Algorithms))]
    public void The_published_key_has_no_private_part(string alg)
    {
        using var signer = Signer(alg);

        var jwk = JsonElement.Parse(PublishedJson(signer));

        string[] expected = alg.StartsWith("ES", StringComparison.Ordinal)
            ? ["alg", "crv", "kid", "kty", "use", "x", "y"]
            : ["alg", "e", "kid", "kty", "n", "use"];
        Assert.Equal(expected, jwk.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.Equal("sig", jwk.GetProperty("use").GetString());
        Assert.Equal(alg, jwk.GetProperty("alg").GetString());
    }

    [Fact]
    public void A_signer_is_used_by_many_threads_at_once()
    {
        using var signer = Signer("ES256");
        var keys = Published(signer);
        var policy = TestKeys.Policy("ES256");

        Parallel.For(0, 2_000, new() { MaxDegreeOfParallelism = 16 }, i =>
        {
            var token = signer.Sign(i % 2 == 0 ? "JWT" : "other", Encoding.UTF8.GetBytes($$"""{"n":{{i}}}"""));
            Assert.Equal(i, Assert.IsType<JwsResult.Valid>(Jws.Verify(token, keys, policy)).Payload.GetProperty("n").GetInt32());
        });
    }

    [Fact]
    public void A_signer_keeps_its_key_when_the_one_it_was_given_is_disposed()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signer = new JwsSigner(key, "k");
        key.Dispose();

        Assert.IsType<JwsResult.Valid>(Jws.Verify(signer.Sign("JWT", "{}"u8), Published(signer), TestKeys.Policy("ES256")));
    }

    [Fact]
    public void A_disposed_signer_signs_nothing()
    {
        var signer = Signer("ES256");
        signer.Sign("JWT", "{}"u8);
        signer.Dispose();
        signer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => signer.Sign("JWT", "{}"u8));
    }

    [Fact]
    public void A_private_key_in_PEM_is_read_in_each_of_its_forms()
    {
        (string Pem, string? Alg, string Expected)[] forms =
        [
            (TestKeys.P256.ExportPkcs8PrivateKeyPem(), null, "ES256"),
            (TestKeys.P256.ExportECPrivateKeyPem(), "ES256", "ES256"),
            (TestKeys.P384.ExportPkcs8PrivateKeyPem(), null, "ES384"),
            (TestKeys.P521.ExportECPrivateKeyPem(), null, "ES512"),
            (TestKeys.Rsa.ExportPkcs8PrivateKeyPem(), null, "RS256"),
            (TestKeys.Rsa.ExportRSAPrivateKeyPem(), "PS384", "PS384"),
            ("# a comment\n" + TestKeys.Rsa.ExportPkcs8PrivateKeyPem() + "\n", "RS512", "RS512"),
        ];

        foreach (var (pem, alg, expected) in forms)
        {
            using var signer = JwsSigner.FromPem(pem, alg, "k");
            Assert.Equal(expected, signer.Algorithm);
            Assert.IsType<JwsResult.Valid>(Jws.Verify(signer.Sign("JWT", "{}"u8), Published(signer), TestKeys.Policy(expected)));
        }
    }

    [Fact]
    public void A_key_without_kid_is_named_by_its_thumbprint()
    {
        using var ec = JwsSigner.FromPem(TestKeys.P256.ExportPkcs8PrivateKeyPem(), null, null);
        using var rsa = JwsSigner.FromPem(TestKeys.Rsa.ExportPkcs8PrivateKeyPem(), null, null);

        Assert.Equal(JwsSigner.Thumbprint(TestKeys.P256), ec.Kid);
        Assert.Equal(JwsSigner.Thumbprint(TestKeys.Rsa), rsa.Kid);
        Assert.NotEqual(JwsSigner.Thumbprint(TestKeys.OtherRsa), rsa.Kid);
    }

    [Fact]
    public void A_key_that_cannot_sign_is_an_error_of_the_configuration_that_does_not_show_it()
    {
        using var k1 = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        (string Pem, string? Alg)[] wrong =
        [
            ("", null),
            ("secret material", null),
            ("-----BEGIN PRIVATE KEY-----\nc2VjcmV0IG1hdGVyaWFs\n-----END PRIVATE KEY-----", null),
            (TestKeys.P256.ExportSubjectPublicKeyInfoPem(), null),
            (TestKeys.Rsa.ExportSubjectPublicKeyInfoPem(), null),
            (TestKeys.Rsa.ExportEncryptedPkcs8PrivateKeyPem("p", new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1)), null),
            (TestKeys.WeakRsa.ExportPkcs8PrivateKeyPem(), null),
            (k1.ExportPkcs8PrivateKeyPem(), null),
            (TestKeys.P256.ExportPkcs8PrivateKeyPem(), "ES384"),
            (TestKeys.P256.ExportPkcs8PrivateKeyPem(), "RS256"),
            (TestKeys.Rsa.ExportPkcs8PrivateKeyPem(), "ES256"),
            (TestKeys.Rsa.ExportPkcs8PrivateKeyPem(), "none"),
            (TestKeys.Rsa.ExportPkcs8PrivateKeyPem(), "HS256"),
        ];

        foreach (var (pem, alg) in wrong)
        {
            var error = Assert.ThrowsAny<ArgumentException>(() => JwsSigner.FromPem(pem, alg, "k"));
            Assert.DoesNotContain("secret material", error.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("c2VjcmV0", error.ToString(), StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentException>(() => new JwsSigner(TestKeys.P256, ""));
        Assert.Throws<ArgumentException>(() => new JwsSigner(TestKeys.P256, new string('k', 257)));
    }

    private static JwsSigner Signer(string alg) => alg switch
    {
        "ES256" => new(TestKeys.P256, "key 1"),
        "ES384" => new(TestKeys.P384, "key 1"),
        "ES512" => new(TestKeys.P521, "key 1"),
        _ => new(TestKeys.Rsa, alg, "key 1"),
    };

    private static string PublishedJson(JwsSigner signer)
    {
        using var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output))
            signer.WritePublicJwk(writer);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static JsonWebKeySet Published(JwsSigner signer) =>
        JsonWebKeySet.TryParse(Encoding.UTF8.GetBytes($$"""{"keys":[{{PublishedJson(signer)}}]}"""))!;
}
