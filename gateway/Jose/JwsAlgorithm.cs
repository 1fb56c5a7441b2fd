using System.Collections.Frozen;
using System.Security.Cryptography;

namespace OrgGateway.Jose;

/// <summary>
/// A signature algorithm of RFC 7518 §3.1 with the keys it goes with. <c>none</c>, EdDSA and ES256K have no entry, hence no meaning.
/// </summary>
internal sealed record JwsAlgorithm(string Name, string KeyType, HashAlgorithmName Hash)
{
    private static readonly FrozenDictionary<string, JwsAlgorithm> ByName = new JwsAlgorithm[]
    {
        new("RS256", "RSA", HashAlgorithmName.SHA256) { Padding = RSASignaturePadding.Pkcs1 },
        new("RS384", "RSA", HashAlgorithmName.SHA384) { Padding = RSASignaturePadding.Pkcs1 },
        new("RS512", "RSA", HashAlgorithmName.SHA512) { Padding = RSASignaturePadding.Pkcs1 },
        new("PS256", "RSA", HashAlgorithmName.SHA256) { Padding = RSASignaturePadding.Pss },
        new("PS384", "RSA", HashAlgorithmName.SHA384) { Padding = RSASignaturePadding.Pss },
        new("PS512", "RSA", HashAlgorithmName.SHA512) { Padding = RSASignaturePadding.Pss },
        new("ES256", "EC", HashAlgorithmName.SHA256) { Curve = EcCurve.P256 },
        new("ES384", "EC", HashAlgorithmName.SHA384) { Curve = EcCurve.P384 },
        new("ES512", "EC", HashAlgorithmName.SHA512) { Curve = EcCurve.P521 },
        new("HS256", "oct", HashAlgorithmName.SHA256),
    }.ToFrozenDictionary(algorithm => algorithm.Name, StringComparer.Ordinal);

    public static FrozenSet<string> Names { get; } = ByName.Keys.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Of RSA.</summary>
    public RSASignaturePadding? Padding { get; private init; }

    /// <summary>Of EC: RFC 7518 §3.4 binds each algorithm to one curve.</summary>
    public EcCurve? Curve { get; private init; }

    public static JwsAlgorithm? Find(string name) => ByName.GetValueOrDefault(name);

    public static JwsAlgorithm Of(EcCurve curve) => ByName.Values.First(algorithm => algorithm.Curve == curve);

    public byte[] Digest(ReadOnlySpan<byte> bytes) => CryptographicOperations.HashData(Hash, bytes);
}
