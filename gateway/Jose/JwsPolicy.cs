namespace OrgGateway.Jose;

/// <summary>What a verifier accepts. The algorithms are pinned here, never taken from the token (RFC 8725 §3.1).</summary>
/// <param name="Algorithms">Of <see cref="Jws.Algorithms"/>; a name that is not there allows nothing.</param>
public sealed record JwsPolicy(IReadOnlySet<string> Algorithms)
{
    /// <summary>
    /// Try every fitting key of the issuer when the token does not say which one signed it, or names
    /// a kid that several of them have. Default false.
    /// A forged token then costs one signature check a key.
    /// </summary>
    public bool TryAllKeysWithoutKid { get; init; }

    /// <summary>
    /// The <c>typ</c> values accepted, in any case and without <c>application/</c>; a token without <c>typ</c> is then refused.
    /// Null accepts any.
    /// </summary>
    public IReadOnlySet<string>? Types { get; init; }

    /// <summary>In characters; default <see cref="Jws.MaxTokenLength"/>. More only for what an authenticated server hands over.</summary>
    public int MaxLength { get; init; } = Jws.MaxTokenLength;

    internal bool Allows(string? typ)
    {
        if (Types is null)
            return true;
        if (typ is null)
            return false;

        // RFC 7515 §4.1.9: a value without another slash is read as if "application/" stood before it.
        const string Application = "application/";
        var name = typ.StartsWith(Application, StringComparison.OrdinalIgnoreCase) ? typ.AsSpan(Application.Length) : typ;
        foreach (var type in Types)
        {
            if (name.Equals(type, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
