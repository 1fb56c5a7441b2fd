using OrgGateway.Orgs;

namespace OrgGateway.Oidc;

/// <summary>What a provider says of a user, in the gateway's own terms.</summary>
/// <param name="Email">At most 256 characters, as is the name; else null.</param>
/// <param name="EmailVerified">Whether the provider vouches for this very address.</param>
public sealed record ClaimsView(string? Email, bool EmailVerified, string? Name, IReadOnlyList<Membership> Memberships)
{
    /// <summary>URL of a picture; at most 256 characters.</summary>
    public string? Picture { get; init; }
}
