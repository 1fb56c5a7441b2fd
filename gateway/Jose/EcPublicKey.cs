using System.Security.Cryptography;
using System.Text.Json;

namespace OrgGateway.Jose;

internal sealed class EcPublicKey : KeyMaterial
{
    private readonly EcCurve _curve;
    private readonly KeyPool<ECDsa> _pool;

    private EcPublicKey(EcCurve curve, ECPoint point) : base("EC")
    {
        _curve = curve;
        _pool = new(() => ECDsa.Create(new ECParameters { Curve = curve.ToEcCurve(), Q = point }));

        // Loading checks that the point is on the curve (RFC 8725 §3.4): a key that is not fails here and not at a login.
        _pool.Return(_pool.Rent());
    }

    public static EcPublicKey? TryParse(JsonElement jwk)
    {
        if (jwk.StringMember("crv") is not { } name || EcCurve.Find(name) is not { } curve)
            return null;

        // RFC 7518 §6.2.1.2: coordinates are as long as the field, leading zeros included.
        if (jwk.Base64UrlMember("x") is not { } x || x.Length != curve.FieldBytes
            || jwk.Base64UrlMember("y") is not { } y || y.Length != curve.FieldBytes)
            return null;

        try
        {
            return new(curve, new() { X = x, Y = y });
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public override bool Fits(JwsAlgorithm algorithm) => algorithm.Curve == _curve;

    public override bool Verify(JwsAlgorithm algorithm, ReadOnlySpan<byte> signingInput, ReadOnlySpan<byte> signature)
    {
        // The length refuses DER. A zero r or s once satisfied the equation for every message and key (CVE-2022-21449):
        // not left to the library alone.
        if (signature.Length != _curve.SignatureBytes
            || !signature[.._curve.FieldBytes].ContainsAnyExcept((byte)0)
            || !signature[_curve.FieldBytes..].ContainsAnyExcept((byte)0))
            return false;

        var key = _pool.Rent();
        try
        {
            var right = key.VerifyData(signingInput, signature, algorithm.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            _pool.Return(key);
            return right;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
