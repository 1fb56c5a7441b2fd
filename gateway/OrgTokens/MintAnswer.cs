namespace OrgGateway.OrgTokens;

/// <summary>What came of asking an issuer for a token. Codes are ours or of a known grammar, never an issuer's own text.</summary>
public abstract record MintAnswer
{
    private MintAnswer()
    {
    }

    public sealed record Minted(OrganizationToken Token) : MintAnswer;

    /// <summary>The issuer said no, and would again: the secret or the client is wrong. Nobody asks again soon.</summary>
    public sealed record Refused(string Code) : MintAnswer;

    /// <summary>The issuer said nothing that counts: down, slow, overloaded or not understood.</summary>
    public sealed record Unavailable(string Code) : MintAnswer
    {
        public TimeSpan? RetryAfter { get; init; }

        /// <summary>The connection failed before an answer came; one more attempt at once may do.</summary>
        public bool Unreached { get; init; }
    }
}
