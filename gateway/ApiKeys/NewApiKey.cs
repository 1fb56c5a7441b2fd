namespace OrgGateway.ApiKeys;

/// <summary>What an operator asks for.</summary>
/// <param name="Org">Slug or id of the one organization.</param>
public sealed record NewApiKey(string Org)
{
    public string? Name { get; init; }
    public IReadOnlyList<string> Roles { get; init; } = [];
    public IReadOnlyList<string> Permissions { get; init; } = [];
    public DateTimeOffset? Expires { get; init; }
    public string? OwnerIssuer { get; init; }
    public string? OwnerSubject { get; init; }
    public IReadOnlyDictionary<string, string> Meta { get; init; } = new Dictionary<string, string>();
    public ApiKeyAllowance? RateLimit { get; init; }
    public ApiKeyAllowance? Budget { get; init; }
}
