using OrgGateway.Configuration;

namespace OrgGateway.Oidc;

/// <summary>How a provider's claims name the organizations of a user.</summary>
public sealed class OrganizationClaimsOptions
{
    /// <summary>Stands for the name of an entry in the map, in <see cref="Id"/> and <see cref="Slug"/>.</summary>
    public const string Key = "@key";

    private static readonly string[] LaterShapes = ["scalar", "object", "mapByAlias", "arrayOfIds", "arrayOfObjects", "roleToOrgs"];

    /// <summary><c>mapById</c>, the only one in this version: an object with a member for each organization.</summary>
    public string Shape { get; init; } = "mapById";

    /// <summary>The claim; a JSON Pointer or a literal name. Default <c>/organizations</c>.</summary>
    public string Path { get; init; } = "/organizations";

    /// <summary>Within an entry, as are all below; <c>@key</c> is the entry's own name. Default <c>@key</c>.</summary>
    public string Id { get; init; } = Key;

    public string Slug { get; init; } = "slug";
    public string Name { get; init; } = "name";
    public string Roles { get; init; } = "roles";
    public string Permissions { get; init; } = "permissions";

    /// <summary>Claims that hold the id of one organization, tried in this order where <see cref="Path"/> leads nowhere.</summary>
    public List<string>? Fallbacks { get; init; }

    public void Check(string path, Faults faults)
    {
        if (LaterShapes.Contains(Shape))
            faults.Add(path + ":Shape", $"{Shape} is not available in this version");
        else if (Shape != "mapById")
            faults.Add(path + ":Shape", "unknown; allowed is mapById");
        ClaimPath.Check(path + ":Path", Path, faults);
        ClaimPath.Check(path + ":Id", Id, faults);
        ClaimPath.Check(path + ":Slug", Slug, faults);
        ClaimPath.Check(path + ":Name", Name, faults);
        ClaimPath.Check(path + ":Roles", Roles, faults);
        ClaimPath.Check(path + ":Permissions", Permissions, faults);
        foreach (var fallback in Fallbacks ?? [])
            ClaimPath.Check(path + ":Fallbacks", fallback, faults);
    }
}
