namespace OrgGateway.OrgTokens;

/// <summary>A token in use here, with the times worked out once.</summary>
internal sealed record HeldToken(OrganizationToken Token, long UsableUntil, long RenewAt, string Version);
