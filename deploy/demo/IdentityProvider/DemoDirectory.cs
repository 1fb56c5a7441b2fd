namespace OrgGateway.Demo.IdentityProvider;

/// <summary>The people, organizations and clients of the demo.</summary>
public static class DemoDirectory
{
    public const string Password = "demo";

    public static IReadOnlyList<DemoUser> Users { get; } =
    [
        new("u-alice", "alice@acme.test", "Alice Adams", Password, [Acme("admin"), Globex("viewer")]),
        new("u-bob", "bob@globex.test", "Bob Brown", Password, [Globex("member")]),
        new("u-carol", "carol@initech.test", "Carol Clark", Password, [Initech("member"), Acme("member"), Globex("member")]),
        new("u-dave", "dave@nowhere.test", "Dave Davis", Password, []),
    ];

    public static IReadOnlyList<DemoClient> Clients { get; } =
    [
        Gateway("http://localhost:8080"),
        OfOrganization("acme", "org_acme"),
        OfOrganization("globex", "org_globex"),
        OfOrganization("initech", "org_initech"),
    ];

    /// <summary>The registration of a gateway whose public origin is <paramref name="origin"/>.</summary>
    public static DemoClient Gateway(string origin) => new("gateway")
    {
        Secret = "gateway-demo-secret",
        RedirectUris = [$"{origin}/auth/callback", $"{origin}/auth/callback/main"],
        PostLogoutRedirectUris = [$"{origin}/auth/signed-out"],
        BackchannelLogoutUri = new Uri($"{origin}/auth/backchannel-logout"),
    };

    private static DemoClient OfOrganization(string slug, string orgId) => new(slug)
    {
        Secret = $"{slug}-demo-secret",
        Grants = [DemoClient.ClientCredentials],
        OrgId = orgId,
    };

    private static DemoMembership Acme(string role) => new("org_acme", "acme", "Acme Ltd", [role]);

    private static DemoMembership Globex(string role) => new("org_globex", "globex", "Globex Inc", [role]);

    private static DemoMembership Initech(string role) => new("org_initech", "initech", "Initech LLC", [role]);
}
