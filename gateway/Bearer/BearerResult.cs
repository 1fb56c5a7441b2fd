using OrgGateway.Identities;

namespace OrgGateway.Bearer;

/// <summary>What became of a bearer token.</summary>
public abstract record BearerResult
{
    private BearerResult()
    {
    }

    public sealed record Valid(Identity Identity) : BearerResult;

    /// <param name="Issuer">Name of the configured issuer whose token it claims to be; null when none.</param>
    public sealed record Refused(BearerFault Fault, string? Issuer) : BearerResult;

    /// <summary>What was revoked cannot be read from the store: nothing is known of who the token stands for.</summary>
    public sealed record StoreUnavailable : BearerResult
    {
        public static readonly StoreUnavailable Instance = new();
    }

    /// <summary>The issuer's keys cannot be had: nothing is known of the token.</summary>
    public sealed record Unavailable(string Issuer) : BearerResult;
}
