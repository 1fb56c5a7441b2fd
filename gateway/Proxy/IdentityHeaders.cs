using System.Net.Http.Headers;
using OrgGateway.Access;
using OrgGateway.Assertions;
using OrgGateway.Identities;

namespace OrgGateway.Proxy;

/// <summary>Writes who the caller is, as verified, for the upstream. Values are worked out once per session and organization.</summary>
public static class IdentityHeaders
{
    private const string Type = "X-Auth-Type";
    private const string UserId = "X-Auth-User-Id";
    private const string UserEmail = "X-Auth-User-Email";
    private const string UserName = "X-Auth-User-Name";
    private const string Issuer = "X-Auth-Issuer";
    private const string OrgId = "X-Auth-Org-Id";
    private const string OrgSlug = "X-Auth-Org-Slug";
    private const string Roles = "X-Auth-Roles";
    private const string Permissions = "X-Auth-Permissions";
    private const string Reference = "X-Auth-Reference";
    private const string KeyId = "X-Auth-Key-Id";
    private static readonly object ValuesKey = new();

    public const string Assertion = "X-Auth-Assertion";

    /// <summary>All names that say identity; none of them ever comes from a caller.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [Type, UserId, UserEmail, UserName, Issuer, OrgId, OrgSlug, Roles, Permissions, KeyId, Reference, Assertion];

    public static void Write(HttpRequestHeaders headers, Permit permit)
    {
        if (permit.Identity is not { } identity)
        {
            headers.TryAddWithoutValidation(Type, "anonymous");
            return;
        }
        var derived = permit.Organization?.Derived ?? identity.Derived;
        var values = (Values)derived.GetOrAdd(ValuesKey, static (_, p) => new Values(p), permit);
        headers.TryAddWithoutValidation(Type, identity.Kind == IdentityKind.User ? "user" : "service");
        if (identity.KeyId is not null)
            headers.TryAddWithoutValidation(KeyId, identity.KeyId);
        headers.TryAddWithoutValidation(UserId, values.UserId);
        headers.TryAddWithoutValidation(Issuer, values.Issuer);
        if (values.Email is not null)
            headers.TryAddWithoutValidation(UserEmail, values.Email);
        if (values.Name is not null)
            headers.TryAddWithoutValidation(UserName, values.Name);
        if (values.OrgId is null)
            return;
        headers.TryAddWithoutValidation(OrgId, values.OrgId);
        headers.TryAddWithoutValidation(OrgSlug, values.OrgSlug);
        headers.TryAddWithoutValidation(Roles, values.Roles);
        headers.TryAddWithoutValidation(Permissions, values.Permissions);
        if (values.LeftOut is not null)
            headers.TryAddWithoutValidation(Reference, values.LeftOut);
    }

    private sealed class Values(Permit permit)
    {
        public string UserId { get; } = HeaderText.Encode(permit.Identity!.Subject);
        public string Issuer { get; } = HeaderText.Encode(permit.Identity!.Issuer);
        public string? Email { get; } = permit.Identity!.Email is { } email ? HeaderText.Encode(email) : null;
        public string? Name { get; } = permit.Identity!.Name is { } name ? HeaderText.Encode(name) : null;
        public string? OrgId { get; } = permit.Organization is { } o ? HeaderText.Encode(o.Id) : null;
        public string? OrgSlug { get; } = permit.Organization is { } o ? HeaderText.Encode(o.Slug) : null;
        public string Roles { get; } = permit.Organization is { } o ? HeaderText.EncodeList(StatedLists.Of(o).Roles) : "";
        public string Permissions { get; } = permit.Organization is { } o ? HeaderText.EncodeList(StatedLists.Of(o).Permissions) : "";
        public string? LeftOut { get; } = permit.Organization is { } o ? StatedLists.Of(o).LeftOut : null;
    }
}
