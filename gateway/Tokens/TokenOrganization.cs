using System.Buffers.Text;
using System.Text.Json;
using OrgGateway.Jose;
using OrgGateway.Oidc;
using OrgGateway.Orgs;

namespace OrgGateway.Tokens;

/// <summary>
/// Which organization a token is for, read from the token itself. It came straight from the provider, so it is read and not verified; it
/// only ever decides against the token.
/// </summary>
public static class TokenOrganization
{
    // Logto's tokens for an organization itself say so in their audience, and nowhere else.
    private const string LogtoAudience = "urn:logto:organization:";
    private static readonly string[] Names = ["org_id", "organization_id", "organizationId", "oid", "org_code", "dct"];

    /// <summary>For an access token that is silent, opaque or not, the ID token that came with it speaks.</summary>
    public static OrganizationWord Of(string accessToken, string? idToken, IdentityProvider provider, SubjectOrganization organization, OrganizationCatalog catalog) =>
        Of(accessToken, provider, organization, catalog) is var word and not OrganizationWord.None ? word
        : idToken is null ? OrganizationWord.None
        : Of(idToken, provider, organization, catalog);

    private static OrganizationWord Of(string token, IdentityProvider provider, SubjectOrganization organization, OrganizationCatalog catalog)
    {
        if (Claims(token) is not { } claims)
            return OrganizationWord.None;
        var memberships = ClaimsMapping.Read(provider.Options, claims, null).Memberships;
        if (memberships.Count != 1 && Named(claims) is { } id)
            memberships = [new Membership(id, null, null, [], [])];
        if (memberships.Count == 0)
            return OrganizationClaims.IsPresent([claims], provider.Options.Claims.Organizations) ? OrganizationWord.Another : OrganizationWord.None;
        return SubjectOrganizations.Resolve(provider.Name, memberships, catalog).FindById(organization.Id) is null ? OrganizationWord.Another
            : memberships.Count == 1 ? OrganizationWord.Alone : OrganizationWord.Among;
    }

    private static string? Named(JsonElement claims) => Names.Select(name => Text(claims, name)).FirstOrDefault(id => id is not null)
        ?? (Text(claims, "aud") is { } audience && audience.StartsWith(LogtoAudience, StringComparison.Ordinal) ? audience[LogtoAudience.Length..] : null);

    private static JsonElement? Claims(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3)
            return null;
        try
        {
            return StrictJson.TryParseObject(Base64Url.DecodeFromChars(parts[1]), out var claims) ? claims : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String && value.GetString() is { Length: > 0 and <= 256 } text ? text : null;
}
