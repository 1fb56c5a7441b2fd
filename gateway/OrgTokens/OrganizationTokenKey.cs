using System.Globalization;
using OrgGateway.Orgs;
using OrgGateway.Storage;

namespace OrgGateway.OrgTokens;

/// <summary>
/// Names an organization's token: by organization and source, so that two organizations never share one, nor one organization's old
/// source and its new one. The secrets are told apart by a hash that stays out of the key.
/// </summary>
internal static class OrganizationTokenKey
{
    public static (StoreKey Key, string Settings) Of(Organization organization, string defaultProvider, OrganizationTokenRenewal renewal)
    {
        var source = organization.Token!;
        var kind = source.EffectiveSource.ToString();
        return source.EffectiveSource switch
        {
            OrganizationTokenSource.ClientCredentials => (
                renewal.KeyOf(organization.Id, kind, source.ClientId!, source.Scope ?? "", source.TokenEndpoint ?? organization.IdentityProvider ?? defaultProvider),
                Hash(source.ClientSecret)),
            OrganizationTokenSource.KrakenGraphQl => (renewal.KeyOf(organization.Id, kind, source.Endpoint!), Hash(source.OrganizationSecretKey)),
            _ => (
                renewal.KeyOf(organization.Id, organization.Slug, kind, source.Method ?? "", source.Url!, source.ClientId ?? "", source.Scope ?? "", source.TokenPointer ?? "", source.ExpiryPointer ?? ""),
                Hash([source.Secret, source.Body, .. source.Headers.OrderBy(h => h.Key, StringComparer.Ordinal).SelectMany(h => (string?[])[h.Key, h.Value])])),
        };
    }

    private static string Hash(params string?[] secrets) => StoreKey.Of(
        "org-token-settings", [secrets.Length.ToString(CultureInfo.InvariantCulture), .. secrets.Select(s => s is null ? "0" : "1" + s)]).Name;
}
