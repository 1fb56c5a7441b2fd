namespace OrgGateway.Sessions;

/// <summary>Why a session ended.</summary>
public enum SessionEnd
{
    Logout,
    SignedInAnew,
    AbsoluteTimeout,

    /// <summary>The provider answered a refresh with <c>invalid_grant</c>, or with another subject.</summary>
    RefreshRefused,

    /// <summary>The access token expired and there is no refresh token (S18).</summary>
    TokenExpired,
}
