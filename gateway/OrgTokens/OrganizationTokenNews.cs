namespace OrgGateway.OrgTokens;

public enum OrganizationTokenNews
{
    /// <summary>A new token stands in the store.</summary>
    Minted,

    /// <summary>The mint that others wait for has failed.</summary>
    Failed,
}
