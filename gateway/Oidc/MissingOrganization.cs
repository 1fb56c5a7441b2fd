using System.Text.Json;

namespace OrgGateway.Oidc;

/// <summary>Why a person has no organization: the claim that was looked for, and the scope or setting that most likely lacks.</summary>
/// <param name="Path">The claim paths tried, in order.</param>
/// <param name="Remedy">One sentence for whoever runs the gateway.</param>
public sealed record MissingOrganization(string Path, string Remedy)
{
    /// <param name="granted">The scope the provider granted, where it says so.</param>
    /// <returns>Null where the claim is there; that it names nobody is then the provider's own word.</returns>
    public static MissingOrganization? Of(IdentityProviderOptions options, JsonElement claims, JsonElement? userInfo, string? granted)
    {
        JsonElement[] sources = userInfo is { } more ? [claims, more] : [claims];
        var organizations = options.Claims.Organizations;
        if (OrganizationClaims.IsPresent(sources, organizations) || OrganizationClaims.Read(sources, organizations).Count > 0)
            return null;
        var tried = string.Join(", ", (organizations.Fallbacks ?? []).Prepend(organizations.Path));
        if (sources.Any(source => ClaimPath.Find(source, organizations.Path) is not null))
            return new(tried, $"the claim is there, but in another shape than Claims:Organizations:Shape {organizations.Shape}");
        return new(tried, Scope(options, granted) ?? Remedies.GetValueOrDefault(options.Preset ?? "", "let the provider put the organizations into the ID token or userinfo, or set Claims:Organizations:Path to where they are"));
    }

    // A scope that was asked for and not granted, or that the product needs and nobody asked for.
    private static string? Scope(IdentityProviderOptions options, string? granted)
    {
        var needed = options.Preset is { } preset ? Needed.GetValueOrDefault(preset) : null;
        var asked = options.EffectiveScopes();
        if (needed is not null && !asked.Any(scope => scope == needed || scope.StartsWith(needed + ":", StringComparison.Ordinal)))
            return $"the scope '{needed}' is not requested: add it to Scopes";
        var given = granted?.Split(' ');
        var refused = given is null ? null : asked.FirstOrDefault(scope => scope is not ("openid" or "profile" or "email" or "offline_access") && !given.Contains(scope, StringComparer.Ordinal));
        if (refused is not null)
            return $"the scope '{refused}' was requested and not granted: allow it for this client at the provider";
        return needed is null ? null : $"the scope '{needed}' was requested: see that the provider has it for this client, puts the claim into the ID token or userinfo, and that the person is a member";
    }

    private static readonly Dictionary<string, string> Needed = new(StringComparer.OrdinalIgnoreCase)
    {
        ["keycloak"] = "organization",
        ["zitadel"] = "urn:zitadel:iam:org:projects:roles",
        ["logto"] = "urn:logto:scope:organizations",
        ["okta"] = "groups",
    };

    private static readonly Dictionary<string, string> Remedies = new(StringComparer.OrdinalIgnoreCase)
    {
        ["auth0"] = "the login named no organization: open /auth/login?org=, or set the application to require one",
        ["workos"] = "the login named no organization: open /auth/login?org=",
        ["scalekit"] = "the login named no organization: open /auth/login?org=",
        ["kinde"] = "the login named no organization: open /auth/login?org=",
        ["clerk"] = "the person has no active organization there, or the token template leaves out the claim o",
        ["google"] = "the account belongs to no Google Workspace: only those have hd",
        ["cognito"] = "the app client may not read the attribute custom:tenant, or the person has none",
    };
}
