using OrgGateway.Orgs;
using OrgGateway.Sessions;

namespace OrgGateway.Tests.Sessions;

/// <summary>A signed-in user and a configuration without organizations.</summary>
internal static class TestSessions
{
    public const string AccessToken = "access-token-4711";
    public const string RefreshToken = "refresh-token-4712";

    public static OrganizationCatalog Catalog() => new(new Dictionary<string, OrganizationOptions>(), new Dictionary<string, List<string>>(), "main");

    public static SessionRecord Record(DateTimeOffset now, string subject = "ada") => new()
    {
        Provider = "main",
        Issuer = "https://idp.example.com",
        ClientId = "gateway",
        Subject = subject,
        Email = subject + "@example.com",
        EmailVerified = true,
        Memberships = [new Membership("acme", "acme", "Acme", ["admin"], [])],
        AccessToken = AccessToken,
        AccessTokenExpires = now.AddMinutes(5),
        RefreshToken = RefreshToken,
        IdToken = "id-token-4713",
        IdTokenExpires = now.AddMinutes(5),
        SignedIn = now,
        Ends = now.AddDays(7),
    };
}
