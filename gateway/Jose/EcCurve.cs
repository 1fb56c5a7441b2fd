using System.Security.Cryptography;

namespace OrgGateway.Jose;

/// <summary>A curve of RFC 7518 §6.2.1.1.</summary>
internal sealed record EcCurve(string Name, string Oid, int FieldBytes)
{
    public static EcCurve P256 { get; } = new("P-256", "1.2.840.10045.3.1.7", 32);

    public static EcCurve P384 { get; } = new("P-384", "1.3.132.0.34", 48);

    public static EcCurve P521 { get; } = new("P-521", "1.3.132.0.35", 66);

    /// <summary>r and s, each as long as the field (RFC 7518 §3.4).</summary>
    public int SignatureBytes => 2 * FieldBytes;

    public static EcCurve? Find(string name) => Array.Find([P256, P384, P521], curve => curve.Name == name);

    /// <summary>By OID, not by size: brainpoolP256r1 and secp256k1 have the size of P-256.</summary>
    public static EcCurve? Of(ECParameters key) =>
        key.Curve.IsNamed ? Array.Find([P256, P384, P521], curve => curve.Oid == key.Curve.Oid.Value) : null;

    public ECCurve ToEcCurve() => ECCurve.CreateFromValue(Oid);
}
