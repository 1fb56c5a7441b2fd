using System.Text.Json;
using OrgGateway.Orgs;

namespace OrgGateway.Oidc;

/// <summary>Reads the memberships out of verified claims, in any of the seven shapes. What cannot be read grants nothing.</summary>
internal static class OrganizationClaims
{
    private const int MostOrganizations = 1000;

    /// <param name="sources">The ID Token's claims, then those of userinfo: the first that has the claim counts, with what stands beside it there.</param>
    public static List<Membership> Read(JsonElement[] sources, OrganizationClaimsOptions options)
    {
        foreach (var source in sources)
            if (ClaimPath.Find(source, options.Path) is { } claim && Entries(source, claim, options) is { } memberships)
                return [.. memberships.OfType<Membership>().Take(MostOrganizations)];
        foreach (var fallback in options.Fallbacks ?? [])
            foreach (var source in sources)
                if (ClaimPath.Find(source, fallback) is { } claim && Fallback(source, claim, options) is { Count: > 0 } memberships)
                    return memberships;
        return [];
    }

    /// <summary>Whether the claim is there in its shape, be it empty.</summary>
    public static bool IsPresent(JsonElement[] sources, OrganizationClaimsOptions options) =>
        sources.Any(source => ClaimPath.Find(source, options.Path) is { } claim && Entries(source, claim, options) is not null);

    /// <returns>Null when the claim has another shape.</returns>
    private static IEnumerable<Membership?>? Entries(JsonElement claims, JsonElement claim, OrganizationClaimsOptions options) => (options.Shape, claim.ValueKind) switch
    {
        (OrganizationShape.MapById or OrganizationShape.MapByAlias, JsonValueKind.Object) => claim.EnumerateObject().Select(entry => MapEntry(claims, entry, options)),
        (OrganizationShape.MapByAlias, JsonValueKind.Array) => ClaimTexts(claim).Select(alias => new Membership(alias, alias, null, [], []) { IsAlias = true }),
        (OrganizationShape.Scalar, JsonValueKind.String) => [Beside(claims, claim, options)],
        (OrganizationShape.Object, JsonValueKind.Object) => [Entry(new(claims, claim), options)],
        (OrganizationShape.ArrayOfIds, JsonValueKind.Array) => Ids(claims, claim, options),
        (OrganizationShape.ArrayOfObjects, JsonValueKind.Array) => claim.EnumerateArray().Select(entry => entry.ValueKind is JsonValueKind.Object ? Entry(new(claims, entry), options) : null),
        (OrganizationShape.RoleToOrgs, JsonValueKind.Object) => Inverted(claims, [claim], options),
        (OrganizationShape.RoleToOrgs, JsonValueKind.Array) => Inverted(claims, claim.EnumerateArray(), options),
        _ => null,
    };

    private static Membership? MapEntry(JsonElement claims, JsonProperty entry, OrganizationClaimsOptions options)
    {
        if (entry.Value.ValueKind is not JsonValueKind.Object)
            return null;
        var found = new ClaimEntry(claims, entry.Value, entry.Name);
        if (Entry(found, options) is { } membership)
            return membership;
        // Keycloak leaves the id out unless told to put it in: the alias then is all that is known.
        return options.Shape is OrganizationShape.MapByAlias && found.Find(options.EffectiveId) is null && found.Text(options.EffectiveSlug) is { } alias
            ? new(alias, alias, found.Text(options.EffectiveName), found.Texts(options.EffectiveRoles), Permissions(found, options)) { IsAlias = true }
            : null;
    }

    private static Membership? Entry(ClaimEntry entry, OrganizationClaimsOptions options) => entry.Text(options.EffectiveId) is { } id
        ? new(id, entry.Text(options.EffectiveSlug), entry.Text(options.EffectiveName), entry.Texts(options.EffectiveRoles), Permissions(entry, options))
        : null;

    // The claim is the id; all else stands among the claims around it.
    private static Membership? Beside(JsonElement claims, JsonElement claim, OrganizationClaimsOptions options)
    {
        var around = new ClaimEntry(claims, claims);
        return ClaimText.Of(claim) is { } id
            ? new(id, around.Text(options.EffectiveSlug), around.Text(options.EffectiveName), around.Texts(options.EffectiveRoles), Permissions(around, options))
            : null;
    }

    private static string[] Permissions(ClaimEntry entry, OrganizationClaimsOptions options) => string.IsNullOrEmpty(options.Features)
        ? entry.Texts(options.EffectivePermissions)
        : FeaturePermissions.Read(entry.Find(options.Features), entry.Find(options.FeatureMap), entry.Find(options.EffectivePermissions));

    // "id" or "id:role"; roles may also stand in a list of their own, as "id:role". An id has no colon (OrgSegment), a role may.
    private static IEnumerable<Membership> Ids(JsonElement claims, JsonElement claim, OrganizationClaimsOptions options)
    {
        var roles = Qualified(claims, options.EffectiveRoles);
        var permissions = Qualified(claims, options.EffectivePermissions);
        return ClaimTexts(claim).Select(Halves).Where(entry => entry.Id.Length > 0).GroupBy(entry => entry.Id, StringComparer.Ordinal).Select(entries => new Membership(
            entries.Key, null, null, Bounded(entries.Select(e => e.Quality).OfType<string>().Concat(roles[entries.Key])), Bounded(permissions[entries.Key])));
    }

    private static ILookup<string, string> Qualified(JsonElement claims, string? path)
    {
        IEnumerable<string> texts = !string.IsNullOrEmpty(path) && new ClaimEntry(claims, claims).Find(path) is { ValueKind: JsonValueKind.Array } list ? ClaimTexts(list) : [];
        return texts.Select(Halves).Where(half => half.Quality is not null).ToLookup(half => half.Id, half => half.Quality!, StringComparer.Ordinal);
    }

    private static (string Id, string? Quality) Halves(string text) =>
        text.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? (text[..colon], ClaimText.Of(text[(colon + 1)..])) : (text, null);

    // Role -> organization -> a name, turned round.
    private static IEnumerable<Membership> Inverted(JsonElement claims, IEnumerable<JsonElement> maps, OrganizationClaimsOptions options)
    {
        var held = from map in maps
                   where map.ValueKind is JsonValueKind.Object
                   from role in map.EnumerateObject()
                   where role.Value.ValueKind is JsonValueKind.Object && ClaimText.Of(role.Name) is not null
                   from organization in role.Value.EnumerateObject()
                   where ClaimText.Of(organization.Name) is not null
                   select (Role: role.Name, Entry: new ClaimEntry(claims, organization.Value, organization.Name));
        return held.GroupBy(one => one.Entry.Key!, StringComparer.Ordinal).Select(ofOne =>
        {
            var entry = ofOne.First().Entry;
            return new Membership(ofOne.Key, entry.Text(options.EffectiveSlug), entry.Text(options.EffectiveName), Bounded(ofOne.Select(one => one.Role)), []);
        });
    }

    // In the scalar shape a fallback is another name of the same claim, so what stands beside it counts; elsewhere an id alone is known.
    private static List<Membership> Fallback(JsonElement claims, JsonElement claim, OrganizationClaimsOptions options) =>
        options.Shape is OrganizationShape.Scalar && claim.ValueKind is JsonValueKind.String
            ? Beside(claims, claim, options) is { } one ? [one] : []
            : [.. ClaimText.ListOf(claim).Select(id => new Membership(id, null, null, [], []))];

    private static IEnumerable<string> ClaimTexts(JsonElement list) => list.EnumerateArray().Select(ClaimText.Of).OfType<string>();

    private static string[] Bounded(IEnumerable<string> texts) => [.. texts.Distinct(StringComparer.Ordinal).Take(ClaimText.MostInList)];
}
