using System.Text.Json;

namespace OrgGateway.Jose;

/// <summary>A key that checks signatures (RFC 7517 §4): the public part of an issuer's key, or a secret shared with it.</summary>
public sealed class JsonWebKey
{
    /// <summary>RFC 7518 §3.2: a key for HS256 is at least as long as its hash.</summary>
    public const int MinSecretBytes = 32;

    private readonly KeyMaterial _material;
    private readonly bool _mayVerify;

    private JsonWebKey(KeyMaterial material, string? kid, string? alg, string? use, bool mayVerify)
    {
        _material = material;
        Kid = kid;
        Alg = alg;
        Use = use;
        _mayVerify = mayVerify;
    }

    public string? Kid { get; }

    public string Kty => _material.KeyType;

    /// <summary>The one algorithm the issuer uses the key with, when it says so.</summary>
    public string? Alg { get; }

    public string? Use { get; }

    /// <returns>The key, or null when it is of an unknown type, weak, unsound or not a JWK at all.</returns>
    public static JsonWebKey? TryParse(JsonElement jwk)
    {
        if (jwk.ValueKind is not JsonValueKind.Object)
            return null;

        if (!jwk.TryGetOptionalString("kid", out var kid) || kid?.Length > JwsHeader.MaxKidLength
            || !jwk.TryGetOptionalString("alg", out var alg)
            || !jwk.TryGetOptionalString("use", out var use))
            return null;

        // "oct" is not here: a secret that stands in a published key set is not one.
        KeyMaterial? material = jwk.StringMember("kty") switch
        {
            "RSA" => RsaPublicKey.TryParse(jwk),
            "EC" => EcPublicKey.TryParse(jwk),
            _ => null,
        };
        return material is null ? null : new(material, kid, alg, use, MayVerify(jwk, use));
    }

    /// <summary>A secret shared with the issuer, from the configuration.</summary>
    /// <exception cref="ArgumentException">The secret is shorter than <see cref="MinSecretBytes"/>.</exception>
    public static JsonWebKey FromSymmetric(byte[] secret, string? kid)
    {
        if (secret.Length < MinSecretBytes)
            throw new ArgumentException($"A secret for HS256 has at least {MinSecretBytes} bytes.", nameof(secret));
        return new(new SymmetricKey(secret), kid, "HS256", "sig", mayVerify: true);
    }

    /// <summary>Whether the key may check a signature of the algorithm (RFC 7517 §4.2 to §4.4).</summary>
    public bool Fits(string alg) => JwsAlgorithm.Find(alg) is { } algorithm && Fits(algorithm);

    internal bool Fits(JwsAlgorithm algorithm) =>
        _mayVerify && (Alg is null || Alg == algorithm.Name) && _material.Fits(algorithm);

    internal bool Verify(JwsAlgorithm algorithm, ReadOnlySpan<byte> signingInput, ReadOnlySpan<byte> signature) =>
        _material.Verify(algorithm, signingInput, signature);

    private static bool MayVerify(JsonElement jwk, string? use)
    {
        if (use is not (null or "sig"))
            return false;
        if (!jwk.TryGetProperty("key_ops", out var operations))
            return true;
        return operations.ValueKind is JsonValueKind.Array
            && operations.EnumerateArray().Any(operation => operation.ValueKind is JsonValueKind.String && operation.ValueEquals("verify"u8));
    }
}
