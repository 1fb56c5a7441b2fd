namespace OrgGateway.Orgs;

public enum OrgMatch
{
    /// <summary>The route belongs to no organization.</summary>
    NotAsked,

    /// <summary>The route belongs to an organization and the URL names none.</summary>
    Unnamed,

    /// <summary>What stands there cannot be an organization's name.</summary>
    Invalid,

    /// <summary>The caller is a member of the organization named.</summary>
    Member,

    /// <summary>Unknown, or known and not the caller's; which of the two is nobody's business (T118).</summary>
    Stranger,

    /// <summary>A former slug of an organization of the caller's, which has another one now.</summary>
    Moved,

    /// <summary>The directory cannot be asked right now: nothing is known, so nothing is let through.</summary>
    Unavailable,
}

/// <summary>What the URL of one request says about its organization, for one caller.</summary>
/// <param name="Organization">Set for <see cref="OrgMatch.Member"/> and <see cref="OrgMatch.Moved"/>.</param>
/// <param name="OrgId">Id of the organization named, member or not, where it is known; null otherwise.</param>
public readonly record struct OrgResolution(OrgMatch Match, SubjectOrganization? Organization = null, string? OrgId = null)
{
    public static OrgResolution NotAsked => default;

    public static OrgResolution Of(SubjectOrganization organization) => new(OrgMatch.Member, organization, organization.Id);
}
