namespace OrgGateway.Admin;

/// <summary>An organization as the admin API tells of it.</summary>
public sealed record OrganizationView(string Id, string? Slug, string? Name, string? IdentityProvider, bool HasToken, string Source);
