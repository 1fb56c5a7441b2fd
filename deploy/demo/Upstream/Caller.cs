using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrgGateway.Demo.Upstream;

/// <summary>Who the gateway says is calling. The app reads headers and nothing else: no cookie, no session, no OpenID Connect.</summary>
internal sealed record Caller
{
    private Caller(IHeaderDictionary headers)
    {
        Type = Text(headers, "X-Auth-Type") ?? "nobody";
        UserId = Text(headers, "X-Auth-User-Id");
        Email = Text(headers, "X-Auth-User-Email");
        Name = Text(headers, "X-Auth-User-Name");
        OrgId = Text(headers, "X-Auth-Org-Id");
        OrgSlug = Text(headers, "X-Auth-Org-Slug");
        Roles = List(headers, "X-Auth-Roles");
        Permissions = List(headers, "X-Auth-Permissions");
        Token = DescribeToken(headers.Authorization.ToString());
    }

    public string Type { get; }

    public string? UserId { get; }

    public string? Email { get; }

    public string? Name { get; }

    public string? OrgId { get; }

    public string? OrgSlug { get; }

    public IReadOnlyList<string> Roles { get; }

    public IReadOnlyList<string> Permissions { get; }

    /// <summary>Whose token came along, for people to read; never the token.</summary>
    public string Token { get; }

    public string Display => Name ?? Email ?? UserId ?? "nobody";

    public static Caller Of(HttpRequest request) => new(request.Headers);

    // The gateway percent-encodes what is not visible ASCII.
    private static string? Text(IHeaderDictionary headers, string name) =>
        headers[name].ToString() is { Length: > 0 } value ? Uri.UnescapeDataString(value) : null;

    private static string[] List(IHeaderDictionary headers, string name) =>
        [.. headers[name].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(Uri.UnescapeDataString)];

    private static string DescribeToken(string authorization)
    {
        if (authorization.Length == 0)
            return "none";
        if (ReadPayload(authorization[(authorization.LastIndexOf(' ') + 1)..]) is not { } claims)
            return "an opaque token";
        var (subject, client, org) = (Claim(claims, "sub"), Claim(claims, "client_id"), Claim(claims, "org_id"));
        return subject is not null && subject == client
            ? $"organization token of {org ?? "no organization"} (client {client})"
            : $"user token of {subject ?? "nobody"} (through client {client ?? "unknown"})";
    }

    // Shown, not trusted: an API that relies on the token verifies its signature.
    private static JsonObject? ReadPayload(string token)
    {
        try
        {
            return token.Split('.') is [_, var payload, _] ? JsonNode.Parse(Base64Url.DecodeFromChars(payload)) as JsonObject : null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    private static string? Claim(JsonObject claims, string name) =>
        claims[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
