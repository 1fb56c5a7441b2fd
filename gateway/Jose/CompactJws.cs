namespace OrgGateway.Jose;

/// <summary>The three parts of a compact JWS (RFC 7515 §7.1), still encoded.</summary>
internal readonly ref struct CompactJws
{
    private readonly ReadOnlySpan<char> _token;
    private readonly int _firstDot;
    private readonly int _secondDot;

    private CompactJws(ReadOnlySpan<char> token, int firstDot, int secondDot)
    {
        _token = token;
        _firstDot = firstDot;
        _secondDot = secondDot;
    }

    public ReadOnlySpan<char> Header => _token[.._firstDot];

    public ReadOnlySpan<char> Payload => _token[(_firstDot + 1).._secondDot];

    public ReadOnlySpan<char> Signature => _token[(_secondDot + 1)..];

    /// <summary>What is signed (RFC 7515 §5.1): ASCII once the parts decode.</summary>
    public ReadOnlySpan<char> SigningInput => _token[.._secondDot];

    public static bool TrySplit(ReadOnlySpan<char> token, out CompactJws parts)
    {
        parts = default;

        var firstDot = token.IndexOf('.');
        var secondDot = token.LastIndexOf('.');
        if (firstDot <= 0 || secondDot <= firstDot + 1 || secondDot == token.Length - 1)
            return false;

        // A dot in the middle makes five parts or more: a JWE is not decrypted, hence never inflated.
        if (token[(firstDot + 1)..secondDot].Contains('.'))
            return false;

        parts = new(token, firstDot, secondDot);
        return true;
    }
}
