using System.Text.Json.Serialization;

namespace OrgGateway.ApiKeys;

/// <summary>An API key as the store keeps it, sealed, under the key's SHA-256: the key itself is nowhere.</summary>
public sealed record ApiKeyRecord
{
    /// <summary>Public: what headers, audit and operators call it.</summary>
    public required string Id { get; init; }

    /// <summary>The one organization it acts in.</summary>
    public required string OrgId { get; init; }
    public string? OrgSlug { get; init; }
    public string? Name { get; init; }
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>In addition to those of its roles; also called scopes.</summary>
    public IReadOnlyList<string> Permissions { get; init; } = [];
    public required DateTimeOffset Created { get; init; }

    /// <summary>Null: until it is revoked.</summary>
    public DateTimeOffset? Expires { get; init; }
    public bool Disabled { get; init; }

    /// <summary>Whose key it is, where a person's: it ends with that person's access.</summary>
    public string? OwnerIssuer { get; init; }
    public string? OwnerSubject { get; init; }

    /// <summary>The operator's own notes.</summary>
    public IReadOnlyDictionary<string, string> Meta { get; init; } = new Dictionary<string, string>();

    /// <summary>Requests in a window, of this key alone.</summary>
    public ApiKeyAllowance? RateLimit { get; init; }

    /// <summary>Requests in a period, of this key alone.</summary>
    public ApiKeyAllowance? Budget { get; init; }
}

public sealed record ApiKeyAllowance(int Limit, TimeSpan Window);

/// <summary>Where the record of a key id stands.</summary>
public sealed record ApiKeyPlace(string Hash);

public sealed record ApiKeyUse(DateTimeOffset At);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApiKeyRecord))]
[JsonSerializable(typeof(ApiKeyPlace))]
[JsonSerializable(typeof(ApiKeyUse))]
public sealed partial class ApiKeyJson : JsonSerializerContext;
