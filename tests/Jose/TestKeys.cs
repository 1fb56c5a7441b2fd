using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrgGateway.Jose;

namespace OrgGateway.Tests.Jose;

/// <summary>Keys of the tests, and their JWKs written without the code under test.</summary>
internal static class TestKeys
{
    public static RSA Rsa { get; } = RSA.Create(2048);

    public static RSA OtherRsa { get; } = RSA.Create(2048);

    public static RSA WeakRsa { get; } = RSA.Create(1024);

    public static ECDsa P256 { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static ECDsa P384 { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    public static ECDsa P521 { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP521);

    public static byte[] Secret { get; } = RandomNumberGenerator.GetBytes(32);

    public static JwsPolicy Policy(params string[] algorithms) => new(algorithms.ToHashSet());

    public static JsonObject Jwk(RSA key, string? kid = null) => With(kid, new()
    {
        ["kty"] = "RSA",
        ["n"] = Base64Url.EncodeToString(key.ExportParameters(false).Modulus),
        ["e"] = Base64Url.EncodeToString(key.ExportParameters(false).Exponent),
    });

    public static JsonObject Jwk(ECDsa key, string? kid = null) => With(kid, new()
    {
        ["kty"] = "EC",
        ["crv"] = $"P-{key.KeySize}",
        ["x"] = Base64Url.EncodeToString(key.ExportParameters(false).Q.X),
        ["y"] = Base64Url.EncodeToString(key.ExportParameters(false).Q.Y),
    });

    public static JsonWebKeySet Set(params JsonObject[] keys)
    {
        var json = new JsonObject { ["keys"] = new JsonArray([.. keys.Select(key => key.DeepClone())]) };
        return JsonWebKeySet.TryParse(Encoding.UTF8.GetBytes(json.ToJsonString())) ?? throw new ArgumentException("No JWK set.");
    }

    public static JsonWebKey? Key(JsonObject jwk) => JsonWebKey.TryParse(JsonElement.Parse(jwk.ToJsonString()));

    private static JsonObject With(string? kid, JsonObject jwk)
    {
        if (kid is not null)
            jwk["kid"] = kid;
        return jwk;
    }
}
