namespace OrgGateway.Sessions;

/// <summary>A record that holds a refresh token, and what its use leaves behind.</summary>
public interface IGrant<out TSelf>
    where TSelf : class
{
    string? RefreshToken { get; }

    /// <summary>Set while the token is being presented; still set when the process that did so has gone.</summary>
    RefreshMark? Presented { get; }

    /// <summary>Before this the provider is not asked again: it did not answer, and every replica should know.</summary>
    DateTimeOffset? RetryRefreshAt { get; }

    TSelf Noted(RefreshMark? presented, DateTimeOffset? retryRefreshAt);
}
