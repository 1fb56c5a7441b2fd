using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using OrgGateway.Configuration;
using OrgGateway.Oidc;

namespace OrgGateway.Tests.Oidc;

/// <summary>Each product's recorded claims, read as its preset says; a new file is a new case.</summary>
public sealed class PresetTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Oidc", "data", "presets");

    public static TheoryData<string> Recorded => [.. Directory.EnumerateFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order()];

    public static TheoryData<string> All => [.. Preset.Names];

    [Theory]
    [MemberData(nameof(Recorded))]
    [Trait("Row", "P10")]
    public void A_preset_reads_its_products_claims(string recorded)
    {
        var given = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, recorded + ".json")))!;
        var settings = given["settings"]?.AsObject().Select(s => (s.Key, (string?)s.Value)).ToArray() ?? [];
        var options = Options([("Preset", (string?)given["preset"]), .. settings]);
        var view = ClaimsMapping.Read(options, Element(given["idToken"]!), given["userInfo"] is { } info ? Element(info) : null);

        Assert.Equal(("ann@acme.test", true, "Ann"), (view.Email, view.EmailVerified, view.Name));
        var expected = given["memberships"]!.AsArray().Select(m => Line(
            (string)m!["id"]!, (string?)m["slug"], (string?)m["name"], Texts(m["roles"]), Texts(m["permissions"]), (bool?)m["alias"] ?? false));
        Assert.Equal(expected, view.Memberships.Select(m => Line(m.OrgId, m.Slug, m.Name, m.Roles, m.Permissions, m.IsAlias)));
    }

    [Theory]
    [MemberData(nameof(All))]
    [Trait("Row", "G1")]
    public void Every_preset_is_sound_and_has_recorded_claims(string preset)
    {
        Assert.Contains(Directory.EnumerateFiles(Folder), file => Path.GetFileName(file) == preset + ".json");
        var section = Preset.Beneath(Configuration([("Preset", preset)]), "Providers").GetSection("Providers:main");
        var faults = new Faults();
        ShapeCheck.Check(section, typeof(IdentityProviderOptions), faults);
        section.Get<IdentityProviderOptions>()!.Check("main", RelyingParty.Site, development: false, faults);
        Assert.Empty(faults.All);
        Assert.All(faults.Warnings, warning => Assert.StartsWith("main:Mint:Endpoint: not set", warning, StringComparison.Ordinal)); // which only the operator knows
    }

    [Fact]
    public void Every_product_of_the_documentation_has_its_preset() => Assert.Equal(
        ["apso", "auth0", "betterauth", "clerk", "clerk-v1", "cognito", "descope", "entra", "firebase", "frontegg", "generic", "google", "keycloak", "kinde", "logto",
            "okta", "ory", "phasetwo", "propelauth", "scalekit", "stytch", "supabase", "workos", "zitadel"],
        Preset.Names);

    [Fact]
    public void Explicit_values_win_and_a_list_replaces_the_presets_whole_list()
    {
        var options = Options([
            ("Preset", "keycloak"), ("Scopes:0", "openid"), ("Scopes:1", "organization"), ("Claims:Organizations:Roles", "groups"), ("Claims:Organizations:Fallbacks:0", "/o"),
            ("Authorize:Connection", ""), ("Mint:Strategy", "inToken")]);
        Assert.Equal(["openid", "organization"], options.EffectiveScopes());
        Assert.Equal(["/o"], options.Claims.Organizations.Fallbacks!);
        Assert.Equal((OrganizationShape.MapByAlias, "groups", "@key"), (options.Claims.Organizations.Shape, options.Claims.Organizations.Roles, options.Claims.Organizations.Slug));
        Assert.Equal((true, "organization:{slug}"), (string.IsNullOrEmpty(options.Authorize.Connection), options.Authorize.Scope));
        Assert.Equal(MintStrategy.InToken, options.Mint.Strategy);
        Assert.Equal(4, options.Mint.RequireReauthOn!.Count);
    }

    [Theory]
    [InlineData("workos", MintStrategy.RefreshParam, "organization_id")]
    [InlineData("keycloak", MintStrategy.ScopedGrant, "organization_id")]
    [InlineData("auth0", MintStrategy.SilentAuthorize, "organization")]
    [InlineData("stytch", MintStrategy.Endpoint, "organization_id")]
    [InlineData("zitadel", MintStrategy.InToken, "organization_id")]
    public void A_preset_knows_how_a_token_for_one_organization_is_had(string preset, MintStrategy strategy, string parameter)
    {
        var mint = Options([("Preset", preset)]).Mint;
        Assert.Equal((strategy, parameter, true), (mint.Strategy, mint.Parameter, mint.AssertOrgEquals));
    }

    [Theory]
    [InlineData("keycloak", "{}", "openid email", "the scope 'organization:*' was requested and not granted")]
    [InlineData("keycloak", "{}", null, "the scope 'organization' was requested: see that the provider has it")]
    [InlineData("auth0", "{}", null, "/auth/login?org=")]
    [InlineData("generic", "{}", null, "Claims:Organizations:Path")]
    [InlineData("generic", """{"organizations":"org_1"}""", null, "in another shape than Claims:Organizations:Shape MapById")]
    [Trait("Row", "P11")]
    public void A_missing_claim_has_a_remedy_that_names_scope_or_setting(string preset, string claims, string? granted, string remedy)
    {
        var missing = MissingOrganization.Of(Options([("Preset", preset)]), JsonElement.Parse(claims), null, granted);
        Assert.Contains(remedy, missing!.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Row", "P11")]
    public void A_keycloak_without_the_scope_is_told_of_the_scope_and_an_empty_claim_is_no_fault()
    {
        var options = Options([("Preset", "keycloak"), ("Scopes:0", "openid")]);
        var missing = MissingOrganization.Of(options, JsonElement.Parse("{}"), null, null)!;
        Assert.Equal("the scope 'organization' is not requested: add it to Scopes", missing.Remedy);
        Assert.StartsWith("/organization, /org_id, ", missing.Path, StringComparison.Ordinal);
        Assert.Null(MissingOrganization.Of(options, JsonElement.Parse("""{"organization":{}}"""), null, null));
        Assert.Null(MissingOrganization.Of(options, JsonElement.Parse("{}"), JsonElement.Parse("""{"organization":["acme"]}"""), null));
    }

    private static IdentityProviderOptions Options((string Key, string? Value)[] settings) =>
        Preset.Beneath(Configuration(settings), "Providers").GetSection("Providers:main").Get<IdentityProviderOptions>()!;

    private static IConfigurationRoot Configuration((string Key, string? Value)[] settings)
    {
        (string Key, string? Value)[] all = [("Issuer", "https://id.example"), ("ClientId", "gateway"), ("ClientSecret", "secret-of-the-client"), .. settings];
        return new ConfigurationBuilder().AddInMemoryCollection(all.Select(s => KeyValuePair.Create("Providers:main:" + s.Key, s.Value))).Build();
    }

    private static JsonElement Element(JsonNode node) => JsonElement.Parse(node.ToJsonString());

    private static string[] Texts(JsonNode? list) => [.. list!.AsArray().Select(text => (string)text!)];

    private static string Line(string id, string? slug, string? name, IEnumerable<string> roles, IEnumerable<string> permissions, bool alias) =>
        $"{id} slug={slug} name={name} roles={string.Join(',', roles)} permissions={string.Join(',', permissions)}{(alias ? " alias" : "")}";
}
