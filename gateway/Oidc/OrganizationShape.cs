namespace OrgGateway.Oidc;

/// <summary>How a provider's claim names the organizations of a user. Each product has one of these.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1720", Justification = "The names of the configuration.")]
public enum OrganizationShape
{
    /// <summary><c>{"org_1": {...}}</c>: an object with a member for each organization, named by its id.</summary>
    MapById,

    /// <summary><c>{"acme": {"id": ...}}</c>: the same, named by alias; also <c>["acme"]</c>, aliases alone.</summary>
    MapByAlias,

    /// <summary><c>"org_1"</c>: the id of one organization; its roles and the rest are claims beside it.</summary>
    Scalar,

    /// <summary><c>{"id": "org_1", ...}</c>: one organization.</summary>
    Object,

    /// <summary><c>["org_1", "org_2:admin"]</c>: ids, with or without a role behind a colon.</summary>
    ArrayOfIds,

    /// <summary><c>[{"id": "org_1", ...}]</c>.</summary>
    ArrayOfObjects,

    /// <summary><c>{"admin": {"org_1": "acme.example"}}</c>: for each role the organizations it is held in; also within an array.</summary>
    RoleToOrgs,
}
