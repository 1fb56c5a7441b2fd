using System.Security.Cryptography;

namespace OrgGateway.Jose;

internal sealed class SymmetricKey(ReadOnlySpan<byte> secret) : KeyMaterial("oct")
{
    private readonly byte[] _secret = secret.ToArray();

    public override bool Fits(JwsAlgorithm algorithm) => algorithm.KeyType == KeyType;

    public override bool Verify(JwsAlgorithm algorithm, ReadOnlySpan<byte> signingInput, ReadOnlySpan<byte> signature)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret, signingInput, expected);
        return CryptographicOperations.FixedTimeEquals(expected, signature);
    }
}
