namespace OrgGateway.Oidc;

/// <summary>What validation found.</summary>
public abstract record IdTokenResult
{
    private IdTokenResult()
    {
    }

    public sealed record Valid(IdToken Token) : IdTokenResult;

    /// <summary><paramref name="Reason"/> is for the log: one of our own sentences, nothing of the token.</summary>
    public sealed record Refused(string Reason) : IdTokenResult;

    /// <summary>There are no keys to check it with: says nothing about the token.</summary>
    public sealed record Unavailable : IdTokenResult;
}
