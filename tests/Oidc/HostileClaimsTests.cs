using System.Text.Json;
using System.Text.Json.Nodes;
using OrgGateway.Oidc;

namespace OrgGateway.Tests.Oidc;

/// <summary>Whatever a provider puts where organizations belong: never an exception, never without bound, never a role out of nothing.</summary>
public sealed class HostileClaimsTests
{
    private static readonly string[] Odd =
    [
        "null", "true", "0", "-1e400", "\"\"", "\" \"", "[]", "{}", "[[]]", "[{}]", "[null]", "[0,\"\",null,{}]", "{\"\":{}}", "{\"a\":null}", "{\"a\":[]}", "{\"a\":{\"b\":{}}}",
        "{\"id\":{}}", "{\"id\":[\"org_1\"]}", "{\"id\":null,\"slug\":{}}", "\":\"", "[\":admin\",\"org:\",\"::\"]", "{\"admin\":\"org_1\"}", "[{\"admin\":[\"org_1\"]}]", "[[{\"id\":\"org_1\"}]]",
    ];

    public static TheoryData<OrganizationShape> Shapes => [.. Enum.GetValues<OrganizationShape>()];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Odd_claims_are_read_without_an_exception_and_give_no_role(OrganizationShape shape)
    {
        foreach (var odd in Odd)
        {
            var memberships = Read(shape, $$"""{"organizations":{{odd}},"roles":{{odd}},"permissions":{{odd}}}""");
            Assert.All(memberships, membership => Assert.False(string.IsNullOrEmpty(membership.OrgId)));
            if (shape is not OrganizationShape.RoleToOrgs)
                Assert.All(memberships, membership => Assert.Empty(membership.Roles));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void There_are_at_most_1000_organizations_100_roles_and_256_characters(OrganizationShape shape)
    {
        var roles = new JsonArray([.. Enumerable.Range(0, 150).Select(i => (JsonNode?)$"role-{i}"), new string('r', 257)]);
        var ids = Enumerable.Range(0, 1100).Select(i => $"org-{i}").Append(new string('o', 257)).ToArray();
        JsonNode claim = shape switch
        {
            OrganizationShape.MapById or OrganizationShape.MapByAlias => new JsonObject(ids.Select(id => KeyValuePair.Create(id, (JsonNode?)new JsonObject { ["id"] = id, ["roles"] = roles.DeepClone() }))),
            OrganizationShape.Scalar => ids[^1],
            OrganizationShape.Object => new JsonObject { ["id"] = ids[0], ["roles"] = roles.DeepClone(), ["name"] = new string('n', 257) },
            OrganizationShape.ArrayOfIds => new JsonArray([.. ids.Select(id => (JsonNode?)id), .. Enumerable.Range(0, 150).Select(i => (JsonNode?)$"org-0:role-{i}")]),
            OrganizationShape.ArrayOfObjects => new JsonArray([.. ids.Select(id => (JsonNode?)new JsonObject { ["id"] = id, ["roles"] = roles.DeepClone() })]),
            _ => new JsonObject(Enumerable.Range(0, 150).Select(i => KeyValuePair.Create($"role-{i}", (JsonNode?)new JsonObject(ids.Select(id => KeyValuePair.Create(id, (JsonNode?)"x.test")))))),
        };
        var memberships = Read(shape, new JsonObject { ["organizations"] = claim }.ToJsonString());

        Assert.InRange(memberships.Count, shape is OrganizationShape.Scalar ? 0 : 1, 1000);
        Assert.All(memberships, membership =>
        {
            Assert.InRange(membership.OrgId.Length, 1, 256);
            Assert.InRange(membership.Roles.Count, 0, 100);
            Assert.All(membership.Roles, role => Assert.InRange(role.Length, 1, 256));
            Assert.InRange(membership.Name?.Length ?? 0, 0, 256);
        });
    }

    [Fact]
    public void A_feature_map_of_any_size_is_bounded_and_what_it_cannot_mean_grants_nothing()
    {
        (string, string?)[] clerk = [("Claims:Organizations:Shape", "object"), ("Claims:Organizations:Path", "/o"), ("Claims:Organizations:Permissions", "per"),
            ("Claims:Organizations:Features", "@claims/fea"), ("Claims:Organizations:FeatureMap", "fpm")];
        foreach (var map in new[] { "-1", "0x3", "99999999999999999999999", "", "a,b", "1.5", " " })
            Assert.Empty(Permissions(map, "o:docs", "read,manage"));
        Assert.Equal(["org:docs:read"], Permissions("1,1,1,1", "o:docs", "read"));
        Assert.Equal(["org:docs:read"], Permissions("18446744073709551615", "o:docs", "read"));
        Assert.Equal(100, Permissions(string.Join(',', Enumerable.Repeat("7", 100)), string.Join(',', Enumerable.Range(0, 100).Select(i => $"o:f{i}")), "a,b,c").Count);
        Assert.Empty(Permissions("1", new string('o', 5000), "read"));

        IReadOnlyList<string> Permissions(string map, string features, string words) => ClaimsMapping.Read(
            RelyingParty.Options(clerk),
            JsonElement.Parse(new JsonObject { ["o"] = new JsonObject { ["id"] = "org_1", ["per"] = words, ["fpm"] = map }, ["fea"] = features }.ToJsonString()), null).Memberships.Single().Permissions;
    }

    [Fact]
    public void Claims_beside_a_scalar_count_only_where_they_are_named()
    {
        const string Claims = """{"organizations":"org_1","roles":["admin"],"permissions":["all"],"name":"Ann","slug":"mine"}""";
        var plain = Assert.Single(Read(OrganizationShape.Scalar, Claims));
        Assert.Equal((null, null, 0, 0), (plain.Slug, plain.Name, plain.Roles.Count, plain.Permissions.Count));
        var named = Assert.Single(Read(OrganizationShape.Scalar, Claims, ("Claims:Organizations:Roles", "roles")));
        Assert.Equal(["admin"], named.Roles);
    }

    [Fact]
    public void The_roles_of_userinfo_are_not_put_beside_the_organization_of_the_ID_token()
    {
        var options = RelyingParty.Options(("Claims:Organizations:Shape", "scalar"), ("Claims:Organizations:Path", "/org_id"), ("Claims:Organizations:Roles", "/roles"));
        var view = ClaimsMapping.Read(options, JsonElement.Parse("""{"org_id":"org_1"}"""), JsonElement.Parse("""{"org_id":"org_2","roles":["admin"]}"""));
        var membership = Assert.Single(view.Memberships);
        Assert.Equal("org_1", membership.OrgId);
        Assert.Empty(membership.Roles);
    }

    private static IReadOnlyList<OrgGateway.Orgs.Membership> Read(OrganizationShape shape, string claims, params (string, string?)[] settings) =>
        ClaimsMapping.Read(RelyingParty.Options([("Claims:Organizations:Shape", shape.ToString()), .. settings]), JsonElement.Parse(claims), null).Memberships;
}
