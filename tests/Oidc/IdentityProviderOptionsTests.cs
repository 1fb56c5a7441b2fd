using Microsoft.Extensions.Configuration;
using OrgGateway.Configuration;
using OrgGateway.Oidc;

namespace OrgGateway.Tests.Oidc;

public sealed class IdentityProviderOptionsTests
{
    private const string Path = "Gateway:IdentityProviders:main";

    [Fact]
    public void The_defaults_need_only_issuer_client_and_secret()
    {
        var options = RelyingParty.Options(("Issuer", "https://id.example.com/realms/main"));

        Assert.Empty(FaultsOf(options).All);
        Assert.Equal(["openid", "profile", "email", "offline_access"], options.EffectiveScopes());
        Assert.Equal(["RS256", "PS256", "ES256"], options.EffectiveIdTokenAlgorithms());
        Assert.Equal(
            (TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1)), (options.SignInTimeout, options.DefaultTokenLifetime, options.ClockSkew));
    }

    [Fact]
    public void A_configured_list_replaces_the_default_one()
    {
        var options = RelyingParty.Options(("Scopes:0", "openid"), ("IdTokenAlgorithms:0", "ES384"));
        Assert.Equal(["openid"], options.EffectiveScopes());
        Assert.Equal(["ES384"], options.EffectiveIdTokenAlgorithms());
    }

    [Theory]
    [InlineData("Preset", "keycloack", "Preset: unknown; did you mean 'keycloak'?")]
    [InlineData("Issuer", "", "Issuer: missing")]
    [InlineData("Issuer", "id.example.com", "Issuer: is no absolute https URL")]
    [InlineData("Issuer", "ftp://id.example.com", "Issuer: is no absolute https URL")]
    [InlineData("Issuer", "https://id.example.com?x", "Issuer: is no absolute https URL")]
    [InlineData("Issuer", "https://id.example.com#x", "Issuer: is no absolute https URL")]
    [InlineData("Issuer", "https://u:p@id.example.com", "Issuer: is no absolute https URL")]
    [InlineData("Issuer", "http://id.example.com", "Issuer: is plain http")]
    [InlineData("ClientId", "", "ClientId: missing")]
    [InlineData("ClientSecret", "", "ClientSecret: missing")]
    [InlineData("ClientAuthentication", "private_key_jwt", "SigningKeyFile: missing")]
    [InlineData("ClientAuthentication", "CLIENT_SECRET_BASIC", "ClientAuthentication: unknown")]
    [InlineData("Scopes:0", "email", "Scopes: openid is missing")]
    [InlineData("Scopes:0", "openid email", "Scopes: a scope is one word")]
    [InlineData("IdTokenAlgorithms:0", "none", "IdTokenAlgorithms: 'none' is unknown")]
    [InlineData("IdTokenAlgorithms:0", "EdDSA", "IdTokenAlgorithms: 'EdDSA' is unknown")]
    [InlineData("UserInfoAlgorithm", "none", "UserInfoAlgorithm: 'none' is unknown")]
    [InlineData("ResponseMode", "fragment", "ResponseMode: 'fragment' is unknown")]
    [InlineData("SignInTimeout", "00:00:00", "SignInTimeout: 00:00:00 is out of range")]
    [InlineData("BackchannelTimeout", "00:05:00", "BackchannelTimeout: 00:05:00 is out of range")]
    [InlineData("DefaultTokenLifetime", "00:00:00", "DefaultTokenLifetime: 00:00:00 is out of range")]
    [InlineData("ClockSkew", "00:10:00", "ClockSkew: 00:10:00 is out of range")]
    [InlineData("MaxIdTokenLength", "200000", "MaxIdTokenLength: 200000 is out of range")]
    [InlineData("MaxIdTokenAge", "00:00:01", "MaxIdTokenAge: 00:00:01 is out of range")]
    [InlineData("RefreshBefore", "-00:00:01", "RefreshBefore: -00:00:01 is out of range")]
    [InlineData("KeyRefetchCooldown", "00:00:00", "KeyRefetchCooldown: 00:00:00 is out of range")]
    [InlineData("Claims:Email", "/a~2", "Claims:Email: is no JSON Pointer")]
    [InlineData("Claims:Name", "", "Claims:Name: a JSON Pointer or a claim's name")]
    [InlineData("Claims:Organizations:Roles", "@root/roles", "Claims:Organizations:Roles: '@root/roles' is unknown")]
    [InlineData("Claims:Organizations:Features", "fea", "Claims:Organizations:FeatureMap: Features and FeatureMap belong together")]
    [InlineData("Authorize:Parameter", "redirect_uri", "Authorize:Parameter: the name of a parameter")]
    [InlineData("Authorize:Connection", "a b", "Authorize:Connection: the name of a parameter")]
    [InlineData("Authorize:Parameters:Nonce", "1", "Authorize:Parameters:Nonce: the name of a parameter")]
    [InlineData("Authorize:Value", "{org}", "Authorize:Value: '{org}' is unknown")]
    [InlineData("Authorize:Scope", "organization", "Authorize:Scope: one scope with {id}")]
    [InlineData("Mint:Parameter", "client_id", "Mint:Parameter: the name of a parameter")]
    [InlineData("Claims:Organizations:Fallbacks:0", "/~", "Claims:Organizations:Fallbacks: is no JSON Pointer")]
    public void A_wrong_setting_is_one_fault_that_names_it(string key, string value, string fault)
    {
        var faults = FaultsOf(RelyingParty.Options(("Issuer", "https://id.example.com"), (key, value)));
        Assert.StartsWith($"{Path}:{fault}", faults.All.Distinct().First(), StringComparison.Ordinal);
        Assert.Contains(fault.Split(':')[0], Assert.Single(faults.All.Select(text => text.Split(": ")[0]).Distinct()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:8090", false)]
    [InlineData("http://127.0.0.1:8090", false)]
    [InlineData("http://[::1]:8090", false)]
    [InlineData("http://id:8090", true)]
    public void Plain_http_is_for_loopback_and_Development_and_warned_of(string issuer, bool development)
    {
        var faults = FaultsOf(RelyingParty.Options(("Issuer", issuer)), development);
        Assert.Empty(faults.All);
        Assert.StartsWith(Path + ":Issuer: is plain http", Assert.Single(faults.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void HS256_needs_a_secret_as_long_as_its_hash()
    {
        (string, string?)[] settings = [("Issuer", "https://id.example.com"), ("IdTokenAlgorithms:0", "HS256")];
        Assert.Empty(FaultsOf(RelyingParty.Options([.. settings, ("ClientSecret", new string('s', 32))])).All);
        Assert.StartsWith(
            Path + ":IdTokenAlgorithms: HS256", Assert.Single(FaultsOf(RelyingParty.Options([.. settings, ("ClientSecret", new string('s', 31))])).All), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_name_of_the_contract_is_known_and_any_other_is_not()
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection(
            new[] { "Preset", "Issuer", "ClientId", "ClientSecret", "ClientAuthentication", "Scopes:0", "IdTokenAlgorithms:0", "ResponseMode",
                "UserInfoAlgorithm", "SigningKeyFile", "SigningKeyId", "Claims:Email", "Claims:Name", "Claims:Organizations:Path",
                "Claims:Organizations:Id", "Claims:Organizations:Slug", "Claims:Organizations:Roles", "Claims:Organizations:Permissions", "Claims:Organizations:Fallbacks:0",
                "Authorize:Scope", "Mint:Parameter", "Directory:Source" }.Select(key => KeyValuePair.Create($"main:{key}", (string?)"x"))
                .Append(new("main:UserInfo", "Off")).Append(new("main:PushedAuthorization", "Auto")).Append(new("main:Claims:Organizations:Shape", "scalar")).Append(new("main:Mint:Strategy", "refreshParam")).Append(new("main:SignInTimeout", "00:05:00")).Append(new("main:BackchannelTimeout", "00:00:05"))).Build().GetSection("main");
        var faults = new Faults();
        ShapeCheck.Check(section, typeof(IdentityProviderOptions), faults);
        Assert.Empty(faults.All);
        Assert.Single(faults.Warnings);

        section = new ConfigurationBuilder().AddInMemoryCollection([new("main:ClientSecrets", "x")]).Build().GetSection("main");
        ShapeCheck.Check(section, typeof(IdentityProviderOptions), faults);
        Assert.Equal("main:ClientSecrets: unknown; did you mean 'ClientSecret'?", Assert.Single(faults.All));
    }

    [Fact]
    public void The_default_provider_is_named_where_there_are_several()
    {
        var options = RelyingParty.Options(("Issuer", "https://id.example.com"));
        Assert.Empty(All(new() { ["main"] = options }, null));
        Assert.Empty(All(new() { ["main"] = options, ["other"] = options }, "other"));
        Assert.StartsWith("Gateway:DefaultIdentityProvider: missing", Assert.Single(All(new() { ["main"] = options, ["other"] = options }, null)), StringComparison.Ordinal);
        Assert.StartsWith("Gateway:DefaultIdentityProvider: 'x'", Assert.Single(All(new() { ["main"] = options }, "x")), StringComparison.Ordinal);
        Assert.StartsWith("Gateway:IdentityProviders: missing", Assert.Single(All([], null)), StringComparison.Ordinal);
        Assert.StartsWith("Gateway:IdentityProviders:a/b:", Assert.Single(All(new() { ["a/b"] = options }, null)), StringComparison.Ordinal);

        static IReadOnlyList<string> All(Dictionary<string, IdentityProviderOptions> options, string? defaultName)
        {
            var faults = new Faults();
            IdentityProviders.Check(options, defaultName, RelyingParty.Site, development: false, faults);
            IdentityProviders.CheckAny(options, needed: true, faults);
            return faults.All;
        }
    }

    private static Faults FaultsOf(IdentityProviderOptions options, bool development = false)
    {
        var faults = new Faults();
        options.Check(Path, RelyingParty.Site, development, faults);
        return faults;
    }
}
