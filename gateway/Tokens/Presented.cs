using OrgGateway.Oidc;
using OrgGateway.Sessions;

namespace OrgGateway.Tokens;

/// <summary>What came of presenting a refresh token.</summary>
public abstract record Presented
{
    private Presented()
    {
    }

    /// <summary>The answer is the only copy of the new tokens until it is stored (<see cref="RefreshTokenUse.StoreAsync"/>).</summary>
    public sealed record Granted(TokenResponse Tokens, RefreshMark Mark) : Presented;

    /// <summary><c>invalid_grant</c>, or an answer that says the grant needs its person again.</summary>
    public sealed record Refused(string Error, RefreshMark Mark) : Presented;

    /// <summary>The provider gave no grant and the token was not used, as far as can be known; every replica waits until then.</summary>
    public sealed record NotNow(DateTimeOffset RetryAt) : Presented;

    /// <param name="IsOpen">This process knows how a presentation ended and could not write it down yet.</param>
    public sealed record StoreUnavailable(bool IsOpen) : Presented;

    /// <summary>Somebody else wrote in between: read again.</summary>
    public sealed record Changed : Presented;

    public sealed record Gone : Presented;

    /// <summary>Another process began to present it and holds the lease no more.</summary>
    public sealed record Orphaned(RefreshMark Mark) : Presented;
}
