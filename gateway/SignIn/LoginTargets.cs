using OrgGateway.Oidc;
using OrgGateway.Orgs;

namespace OrgGateway.SignIn;

/// <summary>Chooses the provider of a login, by what it says in this order: issuer, connection, organization, e-mail domain, host.</summary>
public sealed class LoginTargets(IdentityProviders providers, CurrentCatalog catalog)
{
    /// <param name="vouching">The provider of the session that a login renews: without an organization a stronger sign-in is asked of it.</param>
    /// <returns>Null for an issuer that is not configured: a third party must not learn more, nor choose where people sign in (Core §4).</returns>
    public LoginTarget? Of(LoginRequest request, string host, string? vouching)
    {
        var (organization, domain) = OrganizationOf(request, host);
        var named = request.Connection is { } connection ? providers.Find(connection) : null;
        var provider = request.Issuer is { } issuer ? providers.All.FirstOrDefault(one => one.IsIssuer(issuer)) : named ?? ProviderOf(organization, vouching);
        if (provider is null)
            return null;
        // Another provider's organization means nothing to this one.
        if (organization is not null && ProviderOf(organization, null) != provider)
            (organization, domain) = (null, null);
        var unknown = organization is null && request.Org is { } org && catalog.Value.Find(org) is null && OrgSegment.IsValid(org) ? org : null;
        return new(provider, organization, unknown, named is null ? request.Connection : null, domain);
    }

    private (Organization? Organization, string? Domain) OrganizationOf(LoginRequest request, string host)
    {
        var current = catalog.Value;
        if (request.Org is { } org)
            return (current.Find(org) ?? current.FindByFormerSlug(org), null);
        if (EmailDomain.Of(request.LoginHint) is { } domain && current.FindByEmailDomain(domain) is { } byDomain)
            return (byDomain, domain);
        return (current.FindByHost(host), null);
    }

    private IdentityProvider? ProviderOf(Organization? organization, string? vouching) =>
        ((organization is null ? vouching : organization.IdentityProvider) is { } name ? providers.Find(name) : null) ?? providers.Default;
}
