namespace OrgGateway.Orgs;

/// <summary>One entry of <c>Gateway:Organizations</c>; its key is the slug used in URLs.</summary>
public sealed class OrganizationOptions
{
    /// <summary>Id in claims and headers; default the slug.</summary>
    public string? Id { get; init; }

    public string? Name { get; init; }

    /// <summary>Name under <c>IdentityProviders</c>; default <c>DefaultIdentityProvider</c>.</summary>
    public string? IdentityProvider { get; init; }

    /// <summary>Domains of e-mail addresses whose owners sign in to this organization, such as <c>acme.com</c>; it chooses a sign-in page and proves nothing. A domain names one organization.</summary>
    public List<string> EmailDomains { get; init; } = [];

    /// <summary>Hosts that stand for this organization on routes with <c>Org</c> <c>host</c>, such as <c>acme.example.com</c>, without port.</summary>
    public List<string> Hosts { get; init; } = [];

    /// <summary>Slugs it had before: a member's page there is redirected (301), and no other organization may take them.</summary>
    public List<string> FormerSlugs { get; init; } = [];

    /// <summary>Subject, or verified e-mail address, to roles: in addition to what claims say.</summary>
    public Dictionary<string, List<string>> Members { get; init; } = [];

    /// <summary>Where this organization's own token comes from; what it leaves out it takes from <c>OrganizationTokens:Default</c>.</summary>
    public OrganizationTokenOptions? Token { get; init; }
}
