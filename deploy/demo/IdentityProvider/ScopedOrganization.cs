namespace OrgGateway.Demo.IdentityProvider;

/// <summary>The scope that asks for tokens of one organization: <c>organization:org_acme</c>.</summary>
internal static class ScopedOrganization
{
    private const string Prefix = "organization:";

    /// <returns>The organization of the first one, or null.</returns>
    public static string? Of(IEnumerable<string> scopes) =>
        scopes.FirstOrDefault(scope => scope.StartsWith(Prefix, StringComparison.Ordinal))?[Prefix.Length..];
}
