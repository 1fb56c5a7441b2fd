using OrgGateway.Orgs;

namespace OrgGateway.OrgTokens;

/// <summary>What people and programs may know of an organization's token: everything but the token.</summary>
public sealed record OrganizationTokenStatus(string Organization, string OrganizationId, OrganizationTokenSource Source)
{
    /// <summary>Null when there is none.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public TimeSpan? Age { get; init; }

    /// <summary>Code of the last attempt, where it failed.</summary>
    public string? LastError { get; init; }

    public DateTimeOffset? LastErrorAt { get; init; }

    /// <summary>Whether the refresh that was just asked for brought a new one.</summary>
    public bool Refreshed { get; init; }
}
