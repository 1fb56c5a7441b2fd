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

public readonly record struct FreshSession(Freshness Freshness, Session? Session);
