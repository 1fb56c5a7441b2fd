using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace OrgGateway.Tests.Servers;

/// <summary>A signing key of a provider of the tests, and tokens signed with it, written without the code under test.</summary>
public sealed class ProviderKey
{
    private readonly Func<byte[], byte[]> _sign;

    private ProviderKey(string? kid, string alg, JsonObject jwk, Func<byte[], byte[]> sign)
    {
        (Kid, Alg, Jwk, _sign) = (kid, alg, jwk, sign);
        if (kid is not null) jwk["kid"] = kid;
    }

    /// <summary>Null: neither the published key nor its tokens say which it is.</summary>
    public string? Kid { get; }

    public string Alg { get; }

    /// <summary>As published.</summary>
    public JsonObject Jwk { get; }

    public static ProviderKey Rsa(string? kid, string alg = "RS256", int bits = 2048)
    {
        var key = RSA.Create(bits);
        var parameters = key.ExportParameters(false);
        var padding = alg.StartsWith("PS", StringComparison.Ordinal) ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
        var jwk = new JsonObject { ["kty"] = "RSA", ["n"] = Base64Url.EncodeToString(parameters.Modulus), ["e"] = Base64Url.EncodeToString(parameters.Exponent) };
        return new(kid, alg, jwk, Locked(key, input => key.SignData(input, new HashAlgorithmName("SHA" + alg[2..]), padding)));
    }

    public static ProviderKey Ec(string? kid)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(false).Q;
        var jwk = new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
        return new(kid, "ES256", jwk, Locked(key, input => key.SignData(input, HashAlgorithmName.SHA256)));
    }

    /// <summary>A secret shared with the client; never published.</summary>
    public static ProviderKey Hmac(string secret) =>
        new(null, "HS256", [], input => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), input));

    public JsonObject Header()
    {
        var header = new JsonObject { ["alg"] = Alg, ["typ"] = "JWT" };
        if (Kid is not null) header["kid"] = Kid;
        return header;
    }

    public string Sign(JsonObject header, JsonObject payload) => SignText(header, payload.ToJsonString());

    /// <summary>For payloads that no JSON writer writes.</summary>
    public string SignText(JsonObject header, string payload)
    {
        var input = $"{Encode(header.ToJsonString())}.{Encode(payload)}";
        return $"{input}.{Base64Url.EncodeToString(_sign(Encoding.ASCII.GetBytes(input)))}";
    }

    private static string Encode(string part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part));

    private static Func<byte[], byte[]> Locked(AsymmetricAlgorithm key, Func<byte[], byte[]> sign) => input =>
    {
        lock (key) return sign(input);
    };
}
