namespace OrgGateway.Orgs;

/// <summary>An organization, of the configuration or of a caller's verified claims.</summary>
public sealed class Organization
{
    private readonly Lazy<string?> _clientAddress;

    public Organization(string slug, OrganizationOptions options, OrganizationTokenOptions? defaultToken = null)
    {
        Slug = slug;
        Id = options.Id ?? slug;
        HasOwnId = options.Id is not null;
        IsConfigured = true;
        Name = options.Name ?? slug;
        IdentityProvider = options.IdentityProvider;
        Token = options.Token is { } own ? own.Over(defaultToken) : defaultToken;
        Members = options.Members;
        FormerSlugs = options.FormerSlugs;
        Hosts = options.Hosts;
        EmailDomains = options.EmailDomains;
        _clientAddress = ClientAddressOf(Token);
    }

    private Organization(string id, string slug, string name, OrganizationTokenOptions token)
    {
        (Slug, Id, HasOwnId, Name, Token) = (slug, id, true, name, token);
        (Members, FormerSlugs, Hosts, EmailDomains) = (new Dictionary<string, List<string>>(), [], [], []);
        _clientAddress = ClientAddressOf(token);
    }

    public string Slug { get; }
    public string Id { get; }

    /// <summary>False where the configuration names only the slug; then claims may bring the id.</summary>
    public bool HasOwnId { get; }

    /// <summary>False for one that only a caller's claims name.</summary>
    public bool IsConfigured { get; }

    public string Name { get; }
    public IReadOnlyList<string> FormerSlugs { get; }
    public IReadOnlyList<string> Hosts { get; }
    public IReadOnlyList<string> EmailDomains { get; }
    public string? IdentityProvider { get; }

    /// <summary>The source of its own token, the default's settings included.</summary>
    public OrganizationTokenOptions? Token { get; }

    /// <summary>What lets a request with its token name the caller's address; null where the source has no such key.</summary>
    public string? ClientAddressAuthorization => _clientAddress.Value;

    public IReadOnlyDictionary<string, List<string>> Members { get; }

    /// <summary>One that only a caller's claims name, with the source that the configuration gives to all.</summary>
    public static Organization OfClaims(SubjectOrganization claimed, OrganizationTokenOptions token) => new(claimed.Id, claimed.Slug, claimed.Name, token);

    private static Lazy<string?> ClientAddressOf(OrganizationTokenOptions? token) =>
        new(() => token?.ClientAddressKey is { Length: > 0 } key ? Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(key)) : null);
}
