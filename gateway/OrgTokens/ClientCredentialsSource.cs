using OrgGateway.Oidc;
using OrgGateway.Orgs;

namespace OrgGateway.OrgTokens;

/// <summary>A token by the organization's own client (RFC 6749 §4.4), at its provider or at an endpoint of its own.</summary>
public sealed class ClientCredentialsSource(IdentityProviders providers, TokenClient client, TimeProvider clock) : IOrganizationTokenSource
{
    private static readonly TimeSpan WithoutProvider = TimeSpan.FromSeconds(5);

    public OrganizationTokenSource Kind => OrganizationTokenSource.ClientCredentials;

    public string IssuerOf(Organization organization) =>
        organization.Token!.TokenEndpoint is { Length: > 0 } own ? new Uri(own).Authority : Provider(organization)?.Name ?? "";

    public TimeSpan TimeoutOf(Organization organization) => organization.Token!.Timeout ?? Provider(organization)?.Options.BackchannelTimeout ?? WithoutProvider;

    public async Task<MintAnswer> MintAsync(Organization organization, OrganizationToken? last, CancellationToken cancellationToken)
    {
        var source = organization.Token!;
        var endpoint = source.TokenEndpoint is { Length: > 0 } own ? new Uri(own)
            : Provider(organization) is { } provider && await provider.GetMetadataAsync(cancellationToken) is { } metadata ? metadata.TokenEndpoint
            : null;
        if (endpoint is null)
            return new MintAnswer.Unavailable("provider_unavailable");
        return await client.ClientCredentialsAsync(endpoint, source.ClientId!, source.ClientSecret, source.Scope, TimeoutOf(organization), cancellationToken) switch
        {
            TokenAnswer.Granted(var granted) => new MintAnswer.Minted(new(granted.AccessToken, clock.GetUtcNow(), granted.Expires)),
            TokenAnswer.Refused(var error) => new MintAnswer.Refused(error),
            TokenAnswer.Unavailable unavailable => new MintAnswer.Unavailable("issuer_unavailable") { RetryAfter = unavailable.RetryAfter, Unreached = unavailable.Unreached },
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private IdentityProvider? Provider(Organization organization) =>
        (organization.IdentityProvider is { } name ? providers.Find(name) : null) ?? providers.Default;
}
