namespace OrgGateway.Oidc;

/// <summary>How a token for one organization is had on a session that exists.</summary>
public enum MintStrategy
{
    /// <summary>All organizations are in the token at hand; there is nothing to do.</summary>
    InToken,

    /// <summary>The refresh grant takes the organization as a parameter.</summary>
    RefreshParam,

    /// <summary>A grant of its own for each organization, by scope.</summary>
    ScopedGrant,

    /// <summary>An authorization request with <c>prompt=none</c> for each organization.</summary>
    SilentAuthorize,

    /// <summary>An endpoint of the provider's own.</summary>
    Endpoint,
}
