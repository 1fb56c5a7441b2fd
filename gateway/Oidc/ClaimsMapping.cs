using System.Text.Json;
using OrgGateway.Orgs;

namespace OrgGateway.Oidc;

/// <summary>
/// Reads verified claims as the provider's options say. Tolerant, since a sign-in must not fail for one odd entry: what cannot be
/// read grants nothing.
/// </summary>
public static class ClaimsMapping
{
    private const int LongestText = 256;
    private const int MaxOrganizations = 1000;
    private const int MaxRoles = 100;

    /// <param name="userInfo">Of the same subject, checked by <see cref="UserInfoClient"/>; fills what the ID Token lacks.</param>
    public static ClaimsView Read(IdentityProviderOptions options, JsonElement idTokenClaims, JsonElement? userInfo)
    {
        JsonElement[] sources = userInfo is { } more ? [idTokenClaims, more] : [idTokenClaims];
        return Read(options.Claims, sources);
    }

    /// <summary>The claims of an access token, whose issuer has a mapping of its own.</summary>
    public static ClaimsView Read(ClaimsOptions options, JsonElement claims) => Read(options, [claims]);

    private static ClaimsView Read(ClaimsOptions claims, JsonElement[] sources)
    {
        var email = FirstText(sources, claims.Email);
        return new(email, email is not null && IsVerified(sources, email), FirstText(sources, claims.Name), Memberships(sources, claims.Organizations));
    }

    /// <summary>
    /// <c>email_verified</c> speaks of the claim <c>email</c> beside it and of no other (Core §5.1): an address from elsewhere,
    /// which users may choose freely, must not be vouched for by it.
    /// </summary>
    private static bool IsVerified(JsonElement[] sources, string email)
    {
        foreach (var source in sources)
        {
            if (Text(source, "email") != email || ClaimPath.Find(source, "email_verified") is not { } verified)
                continue;

            // Some providers write the boolean as a string.
            return verified.ValueKind is JsonValueKind.True || (verified.ValueKind is JsonValueKind.String && verified.ValueEquals("true"u8));
        }

        return false;
    }

    private static List<Membership> Memberships(JsonElement[] sources, OrganizationClaimsOptions options)
    {
        foreach (var source in sources)
        {
            if (ClaimPath.Find(source, options.Path) is { ValueKind: JsonValueKind.Object } map)
                return [.. map.EnumerateObject().Select(entry => Entry(entry, options)).OfType<Membership>().Take(MaxOrganizations)];
        }

        foreach (var fallback in options.Fallbacks ?? [])
        {
            if (FirstText(sources, fallback) is { } id)
                return [new(id, null, null, [], [])];
        }

        return [];
    }

    private static Membership? Entry(JsonProperty entry, OrganizationClaimsOptions options)
    {
        if (entry.Value.ValueKind is not JsonValueKind.Object || TextOrKey(entry, options.Id) is not { } id)
            return null;
        return new(id, TextOrKey(entry, options.Slug), Text(entry.Value, options.Name), Texts(entry.Value, options.Roles), Texts(entry.Value, options.Permissions));
    }

    private static string? TextOrKey(JsonProperty entry, string path) =>
        path != OrganizationClaimsOptions.Key ? Text(entry.Value, path)
        : entry.Name.Length is > 0 and <= LongestText ? entry.Name
        : null;

    private static string? FirstText(JsonElement[] sources, string path) =>
        sources.Select(source => Text(source, path)).FirstOrDefault(text => text is not null);

    private static string? Text(JsonElement from, string path) => ClaimPath.Find(from, path) is { } value ? Text(value) : null;

    private static string? Text(JsonElement value) =>
        value.ValueKind is JsonValueKind.String && value.GetString() is { Length: > 0 and <= LongestText } text ? text : null;

    private static string[] Texts(JsonElement from, string path) => ClaimPath.Find(from, path) switch
    {
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(Text).OfType<string>().Distinct(StringComparer.Ordinal).Take(MaxRoles)],
        { ValueKind: JsonValueKind.String } one when Text(one) is { } text => [text],
        _ => [],
    };
}
