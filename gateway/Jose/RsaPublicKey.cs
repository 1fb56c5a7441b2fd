using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;

namespace OrgGateway.Jose;

internal sealed class RsaPublicKey : KeyMaterial
{
    /// <summary>RFC 7518 §3.3.</summary>
    public const int MinBits = 2048;

    /// <summary>The time of a check grows with the square of the size; no provider uses more than half of this.</summary>
    public const int MaxBits = 8192;

    private readonly KeyPool<RSA> _pool;
    private readonly int _signatureBytes;

    private RsaPublicKey(RSAParameters key) : base("RSA")
    {
        _pool = new(() => RSA.Create(key));
        _signatureBytes = key.Modulus!.Length;
        _pool.Return(_pool.Rent());
    }

    public static RsaPublicKey? TryParse(JsonElement jwk)
    {
        if (jwk.Base64UrlMember("n") is not { } modulus || jwk.Base64UrlMember("e") is not { } exponent)
            return null;

        // Leading zeros would pass for bits.
        modulus = modulus.AsSpan().TrimStart((byte)0).ToArray();
        exponent = exponent.AsSpan().TrimStart((byte)0).ToArray();
        if (modulus.Length is 0 || exponent.Length is 0 or > 8)
            return null;

        // An exponent of 1 makes every signature its own proof; an even one belongs to no RSA key.
        var bits = modulus.Length * 8 - BitOperations.LeadingZeroCount((uint)modulus[0]) + 24;
        var exponentIsSound = (exponent[^1] & 1) == 1 && (exponent.Length > 1 || exponent[0] >= 3);
        if (bits is < MinBits or > MaxBits || !exponentIsSound)
            return null;

        try
        {
            return new(new() { Modulus = modulus, Exponent = exponent });
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public override bool Fits(JwsAlgorithm algorithm) => algorithm.Padding is not null;

    public override bool Verify(JwsAlgorithm algorithm, ReadOnlySpan<byte> signingInput, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != _signatureBytes)
            return false;

        var key = _pool.Rent();
        try
        {
            var right = key.VerifyData(signingInput, signature, algorithm.Hash, algorithm.Padding!);
            _pool.Return(key);
            return right;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
