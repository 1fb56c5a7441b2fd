using OrgGateway.Oidc;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Claims of sign-ins in each of the shapes, by pointers and names: bounded, and no address that nobody vouches for.</summary>
internal sealed class ClaimsTarget : FuzzTarget
{
    private static readonly ClaimsOptions[] Options =
    [
        .. Enum.GetValues<OrganizationShape>().Select(shape => new ClaimsOptions { Organizations = new() { Shape = shape, Fallbacks = ["/o/id", "org", "/list/0"] } }),
        new() { Email = "/a~1b/c~0d/0", Organizations = new() { Shape = OrganizationShape.Object, Path = "o", Roles = "rol", Features = "@claims/fea", FeatureMap = "fpm", Permissions = "per" } },
        new() { Organizations = new() { Shape = OrganizationShape.Scalar, Path = "org", Roles = "/roles", Permissions = "permissions", Slug = "/o/slg" } },
    ];

    private readonly JsonGrammar _grammar = new(
        """{"email":"alice@acme.test","email_verified":true,"name":"Alice","picture":"https://p.example/a","organizations":{"org_1":{"id":"org_1","slug":"acme","name":"Acme","roles":["admin","a:b"],"permissions":["p"]},"org_2":{}}}""",
        """{"email":"a","email_verified":"true","organizations":["org_1","org_2:admin",":x","y:"],"roles":["org_1:admin"],"permissions":["org_1:p"],"org":"org_1"}""",
        """{"organizations":[{"id":"org_1","slug":"acme","roles":"admin"},{"id":1},7,null],"o":{"id":"org_1","slg":"acme","rol":"admin","per":"read,write","fpm":"3,2"},"fea":"o:docs,o:users"}""",
        """{"organizations":{"admin":{"org_1":"acme.example"},"viewer":{"org_1":"x","org_2":{}}},"a/b":{"c~d":["alice@acme.test"]},"list":["org_9"]}""");

    public override string Name => "claims";
    public override IReadOnlyList<string> Words { get; } = [.. Fuzz.Words.Json, "\"organizations\"", "\"org_1\"", "\"roles\"", "o:docs", "3,2", ":"];
    public override long Allocated => 1024 * 1024;
    public override long AllocatedPerByte => 1000;

    public override byte[] Generate(SeededNumbers numbers) => Bytes(_grammar.Text(numbers, calm: 15));

    public override FuzzOutcome Try(byte[] input)
    {
        if (VerifiedClaims.Of(input) is not { } claims)
            return FuzzOutcome.Refuse("no token holds it");
        var found = "";
        foreach (var options in Options)
        {
            var view = ClaimsMapping.Read(options, claims);
            FuzzViolation.Unless(!view.EmailVerified || (claims.TryGetProperty("email_verified", out _) && claims.GetProperty("email").GetString() == view.Email), "an address counts as verified that nobody vouches for");
            FuzzViolation.Unless(view.Memberships.Count <= 1000 && view.Email is not { Length: 0 or > 256 } && view.Name is not { Length: 0 or > 256 }, "without bound");
            foreach (var one in view.Memberships)
                FuzzViolation.Unless(one.OrgId.Length is > 0 and <= 256 && one.Roles.Count <= 100 && one.Permissions.Count <= 1000 && one.Roles.Concat(one.Permissions).All(text => text.Length is > 0 and <= 520), "a membership without bound, or of no organization");
            found += Math.Min(3, view.Memberships.Count) + (view.Memberships is [{ Roles.Count: > 0 }, ..] ? "r" : "") + (view.Memberships is [{ Permissions.Count: > 0 }, ..] ? "p" : "") + (view.EmailVerified ? "v" : "");
        }
        return new(found.Any(c => c != '0'), found);
    }
}
