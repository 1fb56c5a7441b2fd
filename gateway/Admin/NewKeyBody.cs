using System.Text.Json;
using System.Text.Json.Serialization;
using OrgGateway.ApiKeys;

namespace OrgGateway.Admin;

/// <summary>The body of <c>POST /admin/v1/api-keys</c>: what a key is to be, as the listing says what one is. A name that is not here refuses it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewKeyBody
{
    private const string Example = """a JSON object such as { "org": "acme", "roles": ["member"] }""";
    private const int Largest = 64 * 1024;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true, AllowDuplicateProperties = false };
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366 * 100); // more than a key may live: what is longer, or longer past, is refused all the same, and can be counted with

    /// <summary>Slug or id of the one organization; <c>organization</c>, and <c>orgId</c> or <c>orgSlug</c> as listed, say the same.</summary>
    public string? Org { get; init; }
    public string? Organization { get; init; }
    public string? OrgId { get; init; }
    public string? OrgSlug { get; init; }
    public string? Name { get; init; }
    public IReadOnlyList<string> Roles { get; init; } = [];
    public IReadOnlyList<string> Permissions { get; init; } = [];

    /// <summary>Another name of <see cref="Permissions"/>.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];
    public DateTimeOffset? Expires { get; init; }

    /// <summary>In place of <see cref="Expires"/>: a duration from now.</summary>
    public TimeSpan? ExpiresIn { get; init; }
    public IReadOnlyDictionary<string, string> Meta { get; init; } = new Dictionary<string, string>();
    public ApiKeyAllowance? RateLimit { get; init; }
    public ApiKeyAllowance? Budget { get; init; }
    public string? OwnerSubject { get; init; }

    /// <summary>Of the owner; the default provider's where nothing is said.</summary>
    public string? OwnerIssuer { get; init; }

    /// <returns>The body, or null and why it is none.</returns>
    public static async Task<(NewKeyBody? Body, string Why)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > Largest)
            return (null, $"has at most {Largest} bytes");
        try
        {
            var body = await JsonSerializer.DeserializeAsync<NewKeyBody>(request.Body, Json, cancellationToken);
            // The reader does not look into lists for null.
            return body is not null && body.Roles.Concat(body.Permissions).Concat(body.Scopes).Concat(body.Meta.Values).Any(text => text is null) ? (null, "has null in a list") : (body, Example);
        }
        catch (JsonException exception)
        {
            return (null, exception.Path is { Length: > 1 } path ? $"{path} is unknown, or not of its kind" : Example);
        }
    }

    /// <returns>Null where it names no organization, or more than one.</returns>
    public NewApiKey? ToKey(DateTimeOffset now) => new[] { Org, Organization, OrgId, OrgSlug }.OfType<string>().ToArray() is not [{ Length: > 0 } org] ? null : new(org)
    {
        Name = Name,
        Roles = Roles,
        Permissions = [.. Permissions, .. Scopes],
        Expires = Expires ?? (ExpiresIn is { } life ? now + TimeSpan.FromTicks(Math.Clamp(life.Ticks, -Longest.Ticks, Longest.Ticks)) : null),
        Meta = Meta,
        RateLimit = RateLimit,
        Budget = Budget,
        OwnerSubject = OwnerSubject,
    };
}
