using OrgGateway.Orgs;

namespace OrgGateway.Assertions;

/// <summary>
/// The roles and permissions that a request states to the app, within a budget: a list that does not fit is left out whole and
/// named, because half a list looks like a whole one. Servers refuse requests with more than about 8 KiB of headers (G18, T17).
/// </summary>
public sealed class StatedLists
{
    // They stand in a header and, a third longer, in the assertion: with all else a request stays below 6 KiB.
    private const int Budget = 1800;
    private static readonly object Key = new();

    private StatedLists(SubjectOrganization organization)
    {
        var roles = Length(organization.Roles);
        var permissions = Length(organization.Permissions);
        var fitsRoles = roles <= Budget;
        var fitsPermissions = permissions <= Budget - (fitsRoles ? roles : 0);
        Roles = fitsRoles ? organization.Roles : [];
        Permissions = fitsPermissions ? organization.Permissions : [];
        LeftOut = (fitsRoles, fitsPermissions) switch
        {
            (true, true) => null,
            (true, false) => "permissions",
            (false, true) => "roles",
            (false, false) => "roles,permissions",
        };
    }

    public IReadOnlyList<string> Roles { get; }
    public IReadOnlyList<string> Permissions { get; }

    /// <summary>Names of the lists that are too long to state; null: none.</summary>
    public string? LeftOut { get; }

    /// <summary>Worked out once per session and organization.</summary>
    public static StatedLists Of(SubjectOrganization organization) =>
        (StatedLists)organization.Derived.GetOrAdd(Key, static (_, o) => new StatedLists(o), organization);

    // Encoded, a character outside visible ASCII takes up to twelve.
    private static int Length(IReadOnlyList<string> items) => items.Sum(item => 1 + item.Sum(c => c is > ' ' and <= '~' and not '%' and not ',' ? 1 : 9));
}
