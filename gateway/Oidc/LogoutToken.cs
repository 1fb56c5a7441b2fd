namespace OrgGateway.Oidc;

/// <summary>A logout token that holds (OpenID Connect Back-Channel Logout 1.0 §2.4), but for its replay.</summary>
/// <param name="Id">Its <c>jti</c>, unique for the issuer.</param>
/// <param name="ReplayableUntil">Until then it would be accepted again.</param>
public sealed record LogoutToken(string Issuer, string? Subject, string? SessionId, string Id, DateTimeOffset ReplayableUntil);

public abstract record LogoutTokenResult
{
    private LogoutTokenResult()
    {
    }

    public sealed record Valid(LogoutToken Token) : LogoutTokenResult;

    /// <param name="Reason">Says what is wrong; holds nothing of the token.</param>
    public sealed record Refused(string Reason) : LogoutTokenResult;

    /// <summary>The provider's document or keys cannot be had.</summary>
    public sealed record Unavailable : LogoutTokenResult;
}
