namespace OrgGateway.OrgTokens;

/// <summary>What replicas tell each other of a token; never the token.</summary>
/// <param name="Key">Name of the token's key in the store.</param>
public sealed record OrganizationTokenMessage(string Key, OrganizationTokenNews News);
