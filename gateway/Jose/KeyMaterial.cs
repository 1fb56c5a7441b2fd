namespace OrgGateway.Jose;

/// <summary>The part of a key that checks signatures, for one key type. Safe for concurrent use.</summary>
internal abstract class KeyMaterial(string keyType)
{
    public string KeyType { get; } = keyType;

    /// <summary>Of the algorithms of this key type.</summary>
    public abstract bool Fits(JwsAlgorithm algorithm);

    /// <returns>False for a wrong signature of any form; never throws for one.</returns>
    public abstract bool Verify(JwsAlgorithm algorithm, ReadOnlySpan<byte> signingInput, ReadOnlySpan<byte> signature);
}
