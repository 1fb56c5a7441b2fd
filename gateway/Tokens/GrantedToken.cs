namespace OrgGateway.Tokens;

public enum GrantOutcome
{
    Granted,

    /// <summary>The provider wants this person to sign in for this organization (R4); their session and other organizations go on.</summary>
    SignInNeeded,

    /// <summary>The session has ended.</summary>
    Ended,

    ProviderUnavailable,
    StoreUnavailable,

    /// <summary>The provider refused, or gave a token for another organization: none is forwarded (T73).</summary>
    Refused,
}

/// <summary>A user's token for one organization or audience, or why there is none.</summary>
public readonly record struct GrantedToken(GrantOutcome Outcome, string? AccessToken = null, TimeSpan? RetryAfter = null)
{
    public static GrantedToken Of(string accessToken) => new(GrantOutcome.Granted, accessToken);

    public override string ToString() => Outcome.ToString();
}
