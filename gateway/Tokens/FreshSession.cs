using OrgGateway.Sessions;

namespace OrgGateway.Tokens;

public enum Freshness
{
    /// <summary>The session's access token is valid.</summary>
    Fresh,

    /// <summary>The session has ended; answer as if there were none.</summary>
    Ended,

    /// <summary>The token has expired and no new one can be had right now; the session goes on.</summary>
    ProviderUnavailable,
    StoreUnavailable,
}

/// <param name="TokenIsValid">The access token may still be forwarded; what the provider says of the person is older than the route allows.</param>
/// <param name="RetryAfter">When it is worth while to ask again, where that is known.</param>
public readonly record struct FreshSession(Freshness Freshness, Session? Session, TimeSpan? RetryAfter = null, bool TokenIsValid = false);
