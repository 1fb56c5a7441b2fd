using System.Text.Json;
using System.Text.Json.Nodes;
using OrgGateway.Oidc;

namespace OrgGateway.Tests.Oidc;

public sealed class ClaimsMappingTests
{
    [Fact]
    public void The_defaults_read_a_map_of_organizations()
    {
        var view = Read("""
            {"email":"alice@acme.test","email_verified":true,"name":"Alice",
             "organizations":{"org_acme":{"slug":"acme","name":"Acme Ltd","roles":["admin","viewer"],"permissions":["document:write"]},"org_globex":{}}}
            """);

        Assert.Equal(("alice@acme.test", true, "Alice"), (view.Email, view.EmailVerified, view.Name));
        Assert.Collection(
            view.Memberships,
            acme =>
            {
                Assert.Equal(("org_acme", "acme", "Acme Ltd"), (acme.OrgId, acme.Slug, acme.Name));
                Assert.Equal(["admin", "viewer"], acme.Roles);
                Assert.Equal(["document:write"], acme.Permissions);
            },
            globex =>
            {
                Assert.Equal(("org_globex", null), (globex.OrgId, globex.Slug));
                Assert.Empty(globex.Roles);
                Assert.Empty(globex.Permissions);
            });
    }

    [Theory]
    [InlineData("/a~1b/c~0d", """{"a/b":{"c~d":"x@y.test"}}""")]
    [InlineData("/~01", """{"~1":"x@y.test"}""")]
    [InlineData("/list/1", """{"list":["no",  "x@y.test"]}""")]
    [InlineData("https://acme.test/email", """{"https://acme.test/email":"x@y.test","https://acme":{"test/email":"no"}}""")]
    [InlineData("user.email", """{"user.email":"x@y.test","user":{"email":"no"}}""")]
    [InlineData("/user.email", """{"user.email":"x@y.test"}""")]
    public void A_path_is_a_JSON_Pointer_or_a_literal_name_and_never_split_at_dots(string path, string claims) =>
        Assert.Equal("x@y.test", Read(claims, settings: ("Claims:Email", path)).Email);

    [Theory]
    [InlineData("user.email", """{"user":{"email":"x@y.test"}}""")]
    [InlineData("/list/01", """{"list":["no","x@y.test"]}""")]
    [InlineData("/list/-1", """{"list":["x@y.test"]}""")]
    [InlineData("/list/9", """{"list":["x@y.test"]}""")]
    [InlineData("/email/0", """{"email":"x@y.test"}""")]
    [InlineData("/a/b/c", """{"a":null}""")]
    public void A_path_that_leads_nowhere_finds_nothing(string path, string claims) =>
        Assert.Null(Read(claims, settings: ("Claims:Email", path)).Email);

    [Fact]
    public void The_ID_Token_wins_and_UserInfo_fills_what_is_absent()
    {
        var view = Read(
            """{"email":"token@acme.test","name":null}""",
            """{"email":"info@acme.test","email_verified":true,"name":"Alice","organizations":{"org_acme":{"roles":"admin"}}}""");

        Assert.Equal(("token@acme.test", "Alice"), (view.Email, view.Name));
        Assert.Equal(["admin"], Assert.Single(view.Memberships).Roles);

        // The ID Token's organizations are all there are, where it has any.
        var both = Read("""{"organizations":{"a":{}}}""", """{"organizations":{"b":{}}}""");
        Assert.Equal("a", Assert.Single(both.Memberships).OrgId);
    }

    [Theory]
    [InlineData("""{"email":"a@b.test","email_verified":true}""", null, true)]
    [InlineData("""{"email":"a@b.test","email_verified":"true"}""", null, true)]
    [InlineData("""{"email":"a@b.test","email_verified":false}""", null, false)]
    [InlineData("""{"email":"a@b.test","email_verified":1}""", null, false)]
    [InlineData("""{"email":"a@b.test"}""", null, false)]
    [InlineData("""{"email":"a@b.test"}""", """{"email":"a@b.test","email_verified":true}""", true)]
    [InlineData("""{"email":"a@b.test"}""", """{"email":"other@b.test","email_verified":true}""", false)]
    [InlineData("""{"email":"a@b.test","email_verified":false}""", """{"email":"a@b.test","email_verified":true}""", false)]
    public void An_address_is_verified_only_by_the_claim_beside_that_address(string token, string? userInfo, bool verified) =>
        Assert.Equal(verified, Read(token, userInfo).EmailVerified);

    [Fact]
    public void An_address_of_another_claim_is_not_verified_by_the_one_for_email()
    {
        const string Claims = """{"email":"mine@b.test","email_verified":true,"preferred_username":"admin@acme.test"}""";
        var view = Read(Claims, settings: ("Claims:Email", "/preferred_username"));
        Assert.Equal(("admin@acme.test", false), (view.Email, view.EmailVerified));
    }

    [Theory]
    [InlineData("""{"organizations":["org_acme"]}""")]
    [InlineData("""{"organizations":"org_acme"}""")]
    [InlineData("""{"organizations":null}""")]
    [InlineData("{}")]
    public void Organizations_of_another_shape_are_none(string claims) => Assert.Empty(Read(claims).Memberships);

    [Fact]
    public void Malformed_entries_are_skipped_and_sound_ones_beside_them_kept()
    {
        var organizations = new JsonObject
        {
            ["a"] = "admin", ["b"] = null, ["c"] = new JsonArray("admin"), [""] = new JsonObject(), [new string('x', 257)] = new JsonObject(),
            ["good"] = new JsonObject { ["slug"] = 7, ["name"] = new string('n', 257), ["roles"] = new JsonArray("admin", null, 7, "", "admin", new string('r', 257), "viewer") },
        };
        var view = Read(new JsonObject { ["organizations"] = organizations }.ToJsonString());

        var good = Assert.Single(view.Memberships);
        Assert.Equal(("good", null, null), (good.OrgId, good.Slug, good.Name));
        Assert.Equal(["admin", "viewer"], good.Roles);
    }

    [Fact]
    public void There_are_at_most_1000_organizations_of_100_roles()
    {
        var roles = new JsonArray([.. Enumerable.Range(0, 150).Select(i => JsonValue.Create($"role-{i}"))]);
        var organizations = new JsonObject(Enumerable.Range(0, 1100).Select(i =>
            KeyValuePair.Create<string, JsonNode?>($"org-{i}", i == 0 ? new JsonObject { ["roles"] = roles } : new JsonObject())));

        var view = Read("{}", new JsonObject { ["organizations"] = organizations }.ToJsonString());

        Assert.Equal(1000, view.Memberships.Count);
        Assert.Equal(100, view.Memberships[0].Roles.Count);
    }

    [Fact]
    public void Id_and_slug_may_be_swapped_and_members_renamed()
    {
        const string Claims = """{"organization":{"testcorp":{"id":"42c3","m":{"role":["admin"]}},"no-id":{}}}""";
        var view = Read(
            Claims, null,
            ("Claims:Organizations:Path", "organization"), ("Claims:Organizations:Id", "id"), ("Claims:Organizations:Slug", "@key"), ("Claims:Organizations:Roles", "/m/role"));

        var membership = Assert.Single(view.Memberships);
        Assert.Equal(("42c3", "testcorp"), (membership.OrgId, membership.Slug));
        Assert.Equal(["admin"], membership.Roles);
    }

    [Fact]
    public void A_fallback_names_one_organization_without_roles_where_the_map_is_missing()
    {
        (string, string?)[] settings = [("Claims:Organizations:Fallbacks:0", "/org_id"), ("Claims:Organizations:Fallbacks:1", "/oid")];
        var membership = Assert.Single(Read("""{"oid":"org_1"}""", null, settings).Memberships);
        Assert.Equal("org_1", membership.OrgId);
        Assert.Empty(membership.Roles);

        Assert.Empty(Read("""{"oid":"org_1","organizations":{}}""", null, settings).Memberships);
    }

    private static ClaimsView Read(string idToken, string? userInfo = null, params (string Key, string? Value)[] settings) =>
        ClaimsMapping.Read(RelyingParty.Options(settings), JsonElement.Parse(idToken), userInfo is null ? null : JsonElement.Parse(userInfo));
}
