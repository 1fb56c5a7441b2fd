using System.Text.Json;

namespace OrgGateway.Oidc;

/// <summary>
/// Reads verified claims as the provider's options say. Tolerant, since a sign-in must not fail for one odd entry: what cannot be
/// read grants nothing.
/// </summary>
public static class ClaimsMapping
{
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
        return new(email, email is not null && IsVerified(sources, email), FirstText(sources, claims.Name), OrganizationClaims.Read(sources, claims.Organizations)) { Picture = FirstText(sources, "picture") };
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

    private static string? FirstText(JsonElement[] sources, string path) =>
        sources.Select(source => Text(source, path)).FirstOrDefault(text => text is not null);

    private static string? Text(JsonElement from, string path) => ClaimPath.Find(from, path) is { } value ? ClaimText.Of(value) : null;
}
