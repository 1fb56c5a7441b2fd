using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrgGateway.Jose;

namespace OrgGateway.Tests.Jose;

public sealed class JwsVectorTests
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public static TheoryData<string> Vectors => CaseFiles.In("vectors");

    public static TheoryData<string> Thumbprints => CaseFiles.In("thumbprints");

    public static TheoryData<string> Hashes => CaseFiles.In("hashes");

    [Theory, MemberData(nameof(Vectors))]
    public void A_published_token_verifies_as_its_case_says(string name)
    {
        var given = Read<Vector>("vectors", name);
        var keys = new JsonWebKeySet(given.Keys.Select(Key).OfType<JsonWebKey>());
        var policy = new JwsPolicy(given.Algorithms.ToHashSet());

        var result = Jws.VerifySignature(given.Token, keys, policy);

        if (given.Fault is { } fault)
        {
            Assert.Equal(fault, Assert.IsType<JwsSignatureResult.Refused>(result).Fault.ToString());
            return;
        }

        var valid = Assert.IsType<JwsSignatureResult.Valid>(result);
        Assert.Equal(given.Payload, Encoding.UTF8.GetString(valid.Payload.Span));
        Assert.Equal(given.Algorithms[0], valid.Header.Alg);

        // The check itself is what said yes: one bit of the signature makes it say no.
        var signature = TestTokens.SignatureOf(given.Token);
        signature[^1] ^= 1;
        var changed = Jws.VerifySignature(TestTokens.WithSignature(given.Token, signature), keys, policy);
        Assert.Equal(JwsFault.BadSignature, Assert.IsType<JwsSignatureResult.Refused>(changed).Fault);
    }

    [Theory, MemberData(nameof(Thumbprints))]
    public void A_thumbprint_is_that_of_its_case(string name)
    {
        var given = Read<ThumbprintCase>("thumbprints", name);
        using var key = PublicKey(given.Key);

        Assert.Equal(given.Thumbprint, JwsSigner.Thumbprint(key));
    }

    [Theory, MemberData(nameof(Hashes))]
    public void A_token_hash_matches_as_its_case_says(string name)
    {
        var given = Read<HashCase>("hashes", name);

        Assert.Equal(given.Matches, Jws.HashMatches(given.Alg, given.Value, given.Expected));
    }

    [Fact]
    public void A_payload_that_is_no_JSON_object_verifies_as_bytes_alone()
    {
        var given = Read<Vector>("vectors", "rfc7515-a4-es512");
        var keys = new JsonWebKeySet(given.Keys.Select(Key).OfType<JsonWebKey>());

        var result = Jws.Verify(given.Token, keys, TestKeys.Policy("ES512"));

        Assert.Equal(new JwsResult.Refused(JwsFault.Malformed, null), result);
    }

    private static T Read<T>(string folder, string name) => JsonSerializer.Deserialize<T>(CaseFiles.Read(folder, name), Web)!;

    // The shared secrets of the RFCs are written as JWKs; the product takes a secret from its configuration alone.
    private static JsonWebKey? Key(JsonElement jwk) => jwk.GetProperty("kty").ValueEquals("oct")
        ? JsonWebKey.FromSymmetric(Bytes(jwk, "k"), jwk.TryGetProperty("kid", out var kid) ? kid.GetString() : null)
        : JsonWebKey.TryParse(jwk);

    private static AsymmetricAlgorithm PublicKey(JsonElement jwk) => jwk.GetProperty("kty").ValueEquals("RSA")
        ? RSA.Create(new RSAParameters { Modulus = Bytes(jwk, "n"), Exponent = Bytes(jwk, "e") })
        : ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = Bytes(jwk, "x"), Y = Bytes(jwk, "y") } });

    private static byte[] Bytes(JsonElement jwk, string member) => Base64Url.DecodeFromChars(jwk.GetProperty(member).GetString());

    private sealed record Vector(string Source, JsonElement[] Keys, string[] Algorithms, string Token, string? Payload, string? Fault);

    private sealed record ThumbprintCase(string Source, JsonElement Key, string Thumbprint);

    private sealed record HashCase(string Source, string Alg, string Value, string Expected, bool Matches);
}
