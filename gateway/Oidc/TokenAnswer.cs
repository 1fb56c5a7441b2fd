namespace OrgGateway.Oidc;

/// <summary>What came of a token request.</summary>
public abstract record TokenAnswer
{
    private TokenAnswer()
    {
    }

    public sealed record Granted(TokenResponse Tokens) : TokenAnswer;

    /// <summary>The provider said no. <paramref name="Error"/> is one of the registered codes, or <c>other</c>: never the provider's own text.</summary>
    public sealed record Refused(string Error) : TokenAnswer;

    /// <summary>The provider said nothing that counts: down, slow, overloaded, or not speaking OAuth. Says nothing about the grant.</summary>
    public sealed record Unavailable(TimeSpan? RetryAfter) : TokenAnswer
    {
        /// <summary>The connection failed before an answer came. How it failed makes no other answer of it.</summary>
        public bool Unreached { get; init; }

        public bool Equals(Unavailable? other) => other is not null && other.RetryAfter == RetryAfter;

        public override int GetHashCode() => RetryAfter.GetHashCode();
    }
}
