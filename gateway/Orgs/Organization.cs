namespace OrgGateway.Orgs;

/// <summary>An organization of the configuration.</summary>
public sealed class Organization(string slug, OrganizationOptions options)
{
    public string Slug { get; } = slug;
    public string Id { get; } = options.Id ?? slug;
    /// <summary>False where the configuration names only the slug; then claims may bring the id.</summary>
    public bool HasOwnId { get; } = options.Id is not null;

    public string Name { get; } = options.Name ?? slug;
    public IReadOnlyList<string> FormerSlugs { get; } = options.FormerSlugs;
    public IReadOnlyList<string> Hosts { get; } = options.Hosts;
    public IReadOnlyList<string> EmailDomains { get; } = options.EmailDomains;
    public string? IdentityProvider { get; } = options.IdentityProvider;
    public OrganizationTokenOptions? Token { get; } = options.Token;
    public IReadOnlyDictionary<string, List<string>> Members { get; } = options.Members;
}
