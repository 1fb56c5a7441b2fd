namespace OrgGateway.Sessions;

/// <summary>Why a session ended.</summary>
public enum SessionEnd
{
    Logout,
    SignedInAnew,

    /// <summary>The provider answered a refresh with <c>invalid_grant</c>, or with another subject.</summary>
    RefreshRefused,

    /// <summary>The access token expired and there is no refresh token (S18).</summary>
    TokenExpired,

    /// <summary>A process went while it presented the refresh token: whether the provider used it up is unknown, so nobody presents it again (T125).</summary>
    RefreshInterrupted,

    /// <summary>The access token expired and the provider did not answer for the whole grace (P12).</summary>
    ProviderSilent,
}

public static class SessionEnds
{
    /// <summary>The stable reason in logs, audit events, metrics and close frames.</summary>
    public static string Reason(this SessionEnd end) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(end.ToString());
}
