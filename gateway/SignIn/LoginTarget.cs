using OrgGateway.Oidc;
using OrgGateway.Orgs;

namespace OrgGateway.SignIn;

/// <summary>Whom a login concerns: the provider, and the organization and connection it is steered to, where there are any.</summary>
/// <param name="Organization">Of the configuration.</param>
/// <param name="OrgName">What the caller called an organization that the configuration does not know: the provider may.</param>
/// <param name="Domain">Of the e-mail address that led to the organization.</param>
public sealed record LoginTarget(IdentityProvider Provider, Organization? Organization, string? OrgName, string? Connection, string? Domain)
{
    /// <summary>A template with the organization's <c>{id}</c>, <c>{slug}</c> or <c>{domain}</c> put in.</summary>
    /// <returns>Null where there is no organization, or it lacks what the template names.</returns>
    public string? Fill(string? template)
    {
        if (string.IsNullOrEmpty(template) || (Organization is null && OrgName is null))
            return null;
        var (id, slug) = Organization is { } known ? (known.Id, known.Slug) : (OrgName!, OrgName!);
        var domain = Domain ?? (Organization is { EmailDomains: [var first, ..] } ? first : null);
        if (domain is null && template.Contains("{domain}", StringComparison.Ordinal))
            return null;
        return template.Replace("{id}", id, StringComparison.Ordinal).Replace("{slug}", slug, StringComparison.Ordinal).Replace("{domain}", domain, StringComparison.Ordinal);
    }
}
