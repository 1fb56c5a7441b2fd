using OrgGateway.Orgs;

namespace OrgGateway.OrgTokens;

/// <summary>One way to an organization's token. Asks its issuer at most once for each credential it has.</summary>
public interface IOrganizationTokenSource
{
    OrganizationTokenSource Kind { get; }

    /// <summary>Names the issuer for the circuit breaker, and for logs: a host or a provider's name.</summary>
    string IssuerOf(Organization organization);

    TimeSpan TimeoutOf(Organization organization);

    /// <param name="organization">Has a source of this kind.</param>
    /// <param name="last">The token that is to be replaced, where its refresh token may be used; null asks with the secret.</param>
    Task<MintAnswer> MintAsync(Organization organization, OrganizationToken? last, CancellationToken cancellationToken);
}
