using OrgGateway.Configuration;

namespace OrgGateway.Oidc;

/// <summary>
/// How a provider's claims name the organizations of a user. Paths are JSON Pointers (RFC 6901) or literal names, within an entry of
/// the claim; in the shapes <c>scalar</c> and <c>arrayOfIds</c>, whose entries hold nothing, within all claims.
/// </summary>
public sealed class OrganizationClaimsOptions
{
    /// <summary>Stands for the name of an entry in a map.</summary>
    public const string Key = "@key";

    /// <summary>Stands for the text of an entry that is no object.</summary>
    public const string Value = "@value";

    /// <summary>Begins a path that leads from all claims in place of the entry, such as <c>@claims/roles</c>.</summary>
    public const string Root = "@claims";

    private const int MostFallbacks = 16;

    /// <summary>Default <c>mapById</c>.</summary>
    public OrganizationShape Shape { get; init; }

    /// <summary>The claim. Default <c>/organizations</c>.</summary>
    public string Path { get; init; } = "/organizations";

    /// <summary>Default <c>@key</c> in <c>mapById</c>, else <c>id</c>. Not used where the claim itself holds the id.</summary>
    public string? Id { get; init; }

    /// <summary>The name in URLs, where the provider has one. Default <c>@key</c> in <c>mapByAlias</c>, none where claims stand beside the id, else <c>slug</c>.</summary>
    public string? Slug { get; init; }

    /// <summary>Default none where claims stand beside the id, <c>@value</c> in <c>roleToOrgs</c>, else <c>name</c>.</summary>
    public string? Name { get; init; }

    /// <summary>A text or a list. Default none where claims stand beside the id, else <c>roles</c>. In <c>arrayOfIds</c>: a list of <c>id:role</c>.</summary>
    public string? Roles { get; init; }

    /// <summary>As <see cref="Roles"/>; default <c>permissions</c>.</summary>
    public string? Permissions { get; init; }

    /// <summary>Features, as Clerk writes them (<c>"o:docs,o:users"</c>): with <see cref="FeatureMap"/> they turn the words under <see cref="Permissions"/> into permissions.</summary>
    public string? Features { get; init; }

    /// <summary>A number for each feature, whose bits say which of the permissions it has (<c>"3,2"</c>).</summary>
    public string? FeatureMap { get; init; }

    /// <summary>Claims that hold one id or a list of them, tried in this order where <see cref="Path"/> leads nowhere. At most 16.</summary>
    public List<string>? Fallbacks { get; init; }

    internal string EffectiveId => Given(Id) ?? (Shape is OrganizationShape.MapById ? Key : "id");

    internal string? EffectiveSlug => Given(Slug) ?? Shape switch
    {
        OrganizationShape.MapByAlias => Key,
        OrganizationShape.Scalar or OrganizationShape.ArrayOfIds or OrganizationShape.RoleToOrgs => null,
        _ => "slug",
    };

    internal string? EffectiveName => Given(Name) ?? Shape switch
    {
        // "name" among all claims is the user's own.
        OrganizationShape.Scalar or OrganizationShape.ArrayOfIds => null,
        OrganizationShape.RoleToOrgs => Value,
        _ => "name",
    };

    // Among all claims "roles" may be those of the user anywhere: whoever wants them for the organization says so.
    internal string? EffectiveRoles => Given(Roles) ?? (EntriesHoldNothing ? null : "roles");
    internal string? EffectivePermissions => Given(Permissions) ?? (EntriesHoldNothing ? null : "permissions");

    private bool EntriesHoldNothing => Shape is OrganizationShape.Scalar or OrganizationShape.ArrayOfIds or OrganizationShape.RoleToOrgs;

    public void Check(string path, Faults faults)
    {
        ClaimPath.Check(path + ":Path", Path, faults);
        CheckMember(path + ":Id", Id, faults);
        CheckMember(path + ":Slug", Slug, faults);
        CheckMember(path + ":Name", Name, faults);
        CheckMember(path + ":Roles", Roles, faults);
        CheckMember(path + ":Permissions", Permissions, faults);
        CheckMember(path + ":Features", Features, faults);
        CheckMember(path + ":FeatureMap", FeatureMap, faults);
        if (string.IsNullOrEmpty(Features) != string.IsNullOrEmpty(FeatureMap))
            faults.Add(path + ":FeatureMap", "Features and FeatureMap belong together");
        foreach (var fallback in Fallbacks ?? [])
            ClaimPath.Check(path + ":Fallbacks", fallback, faults);
        faults.Range(path + ":Fallbacks", Fallbacks?.Count ?? 0, 0, MostFallbacks);
    }

    // An empty text takes a preset's value away.
    private static void CheckMember(string setting, string? path, Faults faults)
    {
        if (string.IsNullOrEmpty(path))
            return;
        if (path[0] != '@')
            ClaimPath.Check(setting, path, faults);
        else if (path is Key or Value)
            return;
        else if (path.StartsWith(Root + "/", StringComparison.Ordinal))
            ClaimPath.Check(setting, path[Root.Length..], faults);
        else
            faults.Add(setting, $"'{path}' is unknown; allowed are {Key}, {Value}, {Root}/..., a JSON Pointer or a claim's name");
    }

    private static string? Given(string? path) => string.IsNullOrEmpty(path) ? null : path;
}
