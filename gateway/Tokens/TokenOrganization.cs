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
    private static readonly string[] Names = ["org_id", "organization_id", "organizationId", "oid", "org_code", "dct"];

    /// <returns>False also where the token does not say.</returns>
    public static bool Is(string token, IdentityProvider provider, SubjectOrganization organization, OrganizationCatalog catalog)
    {
        if (Claims(token) is not { } claims)
            return false;
        var memberships = ClaimsMapping.Read(provider.Options, claims, null).Memberships;
        if (memberships.Count != 1)
            memberships = [.. Names.Select(name => Text(claims, name)).OfType<string>().Take(1).Select(id => new Membership(id, null, null, [], []))];
        return SubjectOrganizations.Resolve(provider.Name, memberships, catalog).All is [var only] && only.Id == organization.Id;
    }

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
