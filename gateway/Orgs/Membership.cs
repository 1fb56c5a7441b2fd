namespace OrgGateway.Orgs;

/// <summary>What verified claims or configuration say of one subject in one organization.</summary>
/// <param name="OrgId">The organization's id at its source.</param>
/// <param name="Slug">Its name in URLs, where the source has one.</param>
public sealed record Membership(string OrgId, string? Slug, string? Name, IReadOnlyList<string> Roles, IReadOnlyList<string> Permissions)
{
    /// <summary>The provider named the organization by its alias alone: <see cref="OrgId"/> is no id but that alias.</summary>
    public bool IsAlias { get; init; }
}
