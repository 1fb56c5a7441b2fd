using System.Text.Json;

namespace OrgGateway.Jose;

/// <summary>Members of a JWK object (RFC 7517 §4), null when absent or of another kind.</summary>
internal static class JwkMembers
{
    public static string? StringMember(this JsonElement jwk, string name) =>
        jwk.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    public static byte[]? Base64UrlMember(this JsonElement jwk, string name) =>
        jwk.StringMember(name) is { } text ? StrictBase64Url.TryDecode(text) : null;

    /// <returns>False when the member is there and is no string: such a key says something that is not understood.</returns>
    public static bool TryGetOptionalString(this JsonElement jwk, string name, out string? value)
    {
        value = jwk.StringMember(name);
        return value is not null || !jwk.TryGetProperty(name, out _);
    }
}
