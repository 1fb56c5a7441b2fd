namespace OrgGateway.OrgTokens;

/// <summary>How a request came by its token.</summary>
public enum TokenPath
{
    /// <summary>It was here.</summary>
    Cache,

    /// <summary>The request waited for it.</summary>
    Mint,

    /// <summary>The upstream refused the first one.</summary>
    Replay,
}
