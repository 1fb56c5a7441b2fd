using System.Text.Json;

namespace OrgGateway.Oidc;

/// <summary>One organization's place in the claims: all of them, its entry, and the entry's name where it has one.</summary>
internal readonly record struct ClaimEntry(JsonElement Claims, JsonElement Entry, string? Key = null)
{
    public string? Text(string? path) => path switch
    {
        null or "" => null,
        OrganizationClaimsOptions.Key => ClaimText.Of(Key),
        OrganizationClaimsOptions.Value => ClaimText.Of(Entry),
        _ => Find(path) is { } value ? ClaimText.Of(value) : null,
    };

    public string[] Texts(string? path) => Find(path) is { } value ? ClaimText.ListOf(value) : [];

    public JsonElement? Find(string? path) => string.IsNullOrEmpty(path) ? null
        : path.StartsWith(OrganizationClaimsOptions.Root + "/", StringComparison.Ordinal)
        ? ClaimPath.Find(Claims, path[OrganizationClaimsOptions.Root.Length..])
        : ClaimPath.Find(Entry, path);
}
