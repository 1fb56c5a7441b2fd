using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using OrgGateway.Jose;
using OrgGateway.Sealing;

namespace OrgGateway.Assertions;

/// <summary>
/// The ES256 keys of the identity assertion, worked out from the encryption keys: every replica has the same ones without
/// asking anybody, and a new encryption key brings a new assertion key while the older are still published.
/// </summary>
public sealed class AssertionKeys : IDisposable
{
    private readonly JwsSigner[] _signers;

    public AssertionKeys(KeyRing ring)
    {
        _signers = [.. ring.Derive("assertion-signing-key", 48).Select(ToSigner)];
        KeySet = WriteKeySet();
    }

    /// <summary>Signs with the first key of the ring.</summary>
    public JwsSigner Signer => _signers[0];

    /// <summary>The JWK set (RFC 7517 §5) as upstreams fetch it.</summary>
    public ReadOnlyMemory<byte> KeySet { get; }

    public void Dispose()
    {
        foreach (var signer in _signers)
            signer.Dispose();
    }

    private static JwsSigner ToSigner(byte[] material)
    {
        // FIPS 186-5 A.2.1: 128 bits more than the order's length leave no bias in (x mod (n - 1)) + 1.
        var order = BigInteger.Parse("0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
        var scalar = (new BigInteger(material, isUnsigned: true, isBigEndian: true) % (order - 1)) + 1;
        var bytes = scalar.ToByteArray(isUnsigned: true, isBigEndian: true);
        var d = new byte[32];
        bytes.CopyTo(d, d.Length - bytes.Length);
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d });
        return new JwsSigner(key, JwsSigner.Thumbprint(key));
    }

    private ReadOnlyMemory<byte> WriteKeySet()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("keys"u8);
            foreach (var signer in _signers)
                signer.WritePublicJwk(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }
}
