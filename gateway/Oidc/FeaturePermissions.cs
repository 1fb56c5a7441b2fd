using System.Globalization;
using System.Text.Json;

namespace OrgGateway.Oidc;

/// <summary>
/// Clerk's compact permissions: features, each with a number whose bit n says whether it has the n-th of the permission words.
/// <c>fea "o:docs,o:users"</c>, <c>per "read,manage"</c>, <c>fpm "3,2"</c> are <c>org:docs:read</c>, <c>org:docs:manage</c> and
/// <c>org:users:manage</c>.
/// </summary>
internal static class FeaturePermissions
{
    private const int MostPermissions = 100;

    // The claims are short in any honest token; a hostile one is read no further than this.
    private const int LongestClaim = 4096;

    public static string[] Read(JsonElement? features, JsonElement? map, JsonElement? permissions)
    {
        var words = Split(permissions);
        var masks = Split(map);
        // A feature's scope is "o" for the organization, "u" for the user, or both letters; the map counts the organization's alone.
        var ofOrganization = Split(features).Where(f => f.IndexOf(':') is > 0 and var colon && f.AsSpan(0, colon).Contains('o')).Select(f => f[(f.IndexOf(':') + 1)..]).ToArray();
        var read = new List<string>();
        for (var i = 0; i < ofOrganization.Length && i < masks.Length; i++)
        {
            if (!ulong.TryParse(masks[i], NumberStyles.None, CultureInfo.InvariantCulture, out var mask))
                continue;
            for (var bit = 0; bit < words.Length && bit < 64 && read.Count < MostPermissions; bit++)
                if ((mask >> bit & 1) == 1 && ClaimText.Of($"org:{ofOrganization[i]}:{words[bit]}") is { } permission)
                    read.Add(permission);
        }
        return [.. read.Distinct(StringComparer.Ordinal)];
    }

    private static string[] Split(JsonElement? claim) => claim is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 and <= LongestClaim } list
        ? list.Split(',', StringSplitOptions.TrimEntries)
        : [];
}
