using System.Text.Json.Serialization;
using OrgGateway.Sessions;

namespace OrgGateway.Tokens;

/// <summary>
/// What a session has at its provider for one organization, sealed under both: a token, and a refresh token where the organization has a
/// grant of its own. Without one the session's grant serves all organizations.
/// </summary>
public sealed record OrganizationGrant : IGrant<OrganizationGrant>
{
    public required string AccessToken { get; init; }
    public required DateTimeOffset Expires { get; init; }
    public required DateTimeOffset Granted { get; init; }
    public string? RefreshToken { get; init; }
    public RefreshMark? Presented { get; init; }
    public DateTimeOffset? RetryRefreshAt { get; init; }

    public OrganizationGrant Noted(RefreshMark? presented, DateTimeOffset? retryRefreshAt) => this with { Presented = presented, RetryRefreshAt = retryRefreshAt };

    public override string ToString() => $"grant until {Expires:O} (hidden)";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OrganizationGrant))]
public sealed partial class OrganizationGrantJson : JsonSerializerContext;
