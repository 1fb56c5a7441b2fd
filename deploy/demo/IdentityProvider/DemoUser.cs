namespace OrgGateway.Demo.IdentityProvider;

/// <summary>An account at the demo provider. <paramref name="Sub"/> is opaque and never changes; the e-mail may.</summary>
public sealed record DemoUser(string Sub, string Email, string Name, string Password, IReadOnlyList<DemoMembership> Memberships)
{
    public bool EmailVerified { get; init; } = true;
}

/// <summary>One entry of the <c>organizations</c> claim.</summary>
public sealed record DemoMembership(string OrgId, string Slug, string OrgName, IReadOnlyList<string> Roles)
{
    public IReadOnlyList<string> Permissions { get; init; } = [];
}
