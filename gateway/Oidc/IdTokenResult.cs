namespace OrgGateway.Oidc;

/// <summary>What validation found.</summary>
public abstract record IdTokenResult
{
    /// <summary>Reasons that say: the person is who they say, but not signed in as was asked for.</summary>
    internal const string TooOld = "auth_time is missing, or older than max_age";
    internal const string TooWeak = "acr is missing, or not one that was asked for";

    private IdTokenResult()
    {
    }

    public sealed record Valid(IdToken Token) : IdTokenResult;

    /// <summary><paramref name="Reason"/> is for the log: one of our own sentences, nothing of the token.</summary>
    public sealed record Refused(string Reason) : IdTokenResult;

    /// <summary>
    /// Of a refresh: new, and right in all but its time, so that a clock is wrong, the provider's or this machine's. Its claims are not to be used;
    /// it says nothing against the person.
    /// </summary>
    public sealed record Untimely : IdTokenResult;

    /// <summary>There are no keys to check it with: says nothing about the token.</summary>
    public sealed record Unavailable : IdTokenResult;
}
