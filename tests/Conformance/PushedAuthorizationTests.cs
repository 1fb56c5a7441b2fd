using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conformance;

/// <summary>Pushed authorization requests, and the client that signs for itself.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class PushedAuthorizationTests(ConformanceServers servers)
{
    private static readonly string[] Needed = ["response_type", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method"];

    [Theory, Trait("Row", "O15")]
    [InlineData("pushed")]
    [InlineData("pushed-with-secret")]
    public async Task The_browser_carries_a_reference_and_nothing_else(string name)
    {
        using var run = await RunAsync(name);
        run.SignedIn();
        var authorize = run.End.Hops.Single(hop => hop.Url.AbsolutePath == "/authorize").Url;
        Assert.Equal(["client_id", "request_uri"], HttpUtility.ParseQueryString(authorize.Query).AllKeys.Order());
        var pushed = run.Provider.Pushed.LastRequest;
        Assert.All(Needed, parameter => Assert.NotNull(pushed.Field(parameter)));
        Assert.Equal(HostileProvider.ClientId, pushed.Field("client_id"));
        Assert.Equal(name == "pushed" ? null : "Basic", pushed.Authorization?.Split(' ')[0]);
    }

    [Fact, Trait("Row", "O34")]
    public async Task The_client_signs_a_new_assertion_for_every_request()
    {
        using var run = await RunAsync("pushed");
        run.SignedIn();
        var ids = new List<string>();
        foreach (var request in new[] { run.Provider.Pushed.LastRequest, run.Provider.Token.LastRequest })
        {
            Assert.Null(request.Authorization);
            Assert.False(request.Form.ContainsKey("client_secret"));
            Assert.Equal("urn:ietf:params:oauth:client-assertion-type:jwt-bearer", request.Field("client_assertion_type"));
            var parts = request.Field("client_assertion")!.Split('.');
            Assert.True(servers.ClientKey.VerifyData(
                Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
            Assert.Equal(("PS256", "client-key"), ((string?)Decoded(parts[0])["alg"], (string?)Decoded(parts[0])["kid"]));
            var claims = Decoded(parts[1]);
            Assert.Equal((HostileProvider.ClientId, HostileProvider.ClientId), ((string?)claims["iss"], (string?)claims["sub"]));
            Assert.Equal(run.Provider.Issuer, claims["aud"]!.GetValue<string>());
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
            Assert.InRange((long)claims["exp"]! - (long)claims["iat"]!, 1, 120);
            Assert.InRange((long)claims["iat"]!, now - 60, now);
            ids.Add((string)claims["jti"]!);
        }
        Assert.NotEqual(ids[0], ids[1]);
    }

    [Theory, Trait("Row", "O16")]
    [InlineData("pushed-off", "Gateway:IdentityProviders:pushed-off:PushedAuthorization to Auto")]
    [InlineData("pushed-nowhere", "Gateway:IdentityProviders:pushed-nowhere:PushedAuthorization is Require")]
    public async Task What_provider_and_settings_disagree_on_is_an_error_that_names_the_setting(string name, string named)
    {
        using var run = await RunAsync(name);
        run.Refused();
        Assert.Equal(0, run.Provider.Front.Authorize.Hits);
        await Wait.UntilAsync(() => servers.Process.Output.Contains(named, StringComparison.Ordinal), TimeSpan.FromSeconds(5), "the log names the setting");
    }

    [Fact, Trait("Row", "O16")]
    public async Task A_push_that_fails_is_not_sent_the_open_way()
    {
        var provider = servers.Provider("pushed-with-secret");
        var before = provider.Front.Authorize.Hits;
        foreach (var (answer, status) in new[]
        {
            (HostileAnswers.Json(new JsonObject { ["error"] = "invalid_request" }, 400), 400),
            (HostileAnswers.Status(500), 503),
            (HostileAnswers.Json(new JsonObject { ["request_uri"] = "https://evil.test/\r\nx", ["expires_in"] = 60 }, 201), 503),
            (HostileAnswers.Json(new JsonObject { ["expires_in"] = 60 }, 201), 503),
        })
        {
            provider.Behave();
            provider.Pushed.Answer = answer;
            using var run = await ConformanceRun.OfAsync(servers, provider, "pushed-with-secret");
            Assert.Equal((status, false), (run.End.Status, run.HasSession));
        }
        Assert.Equal(before, provider.Front.Authorize.Hits);
    }

    [Fact, Trait("Row", "O34")]
    public async Task A_key_file_that_cannot_be_used_stops_the_start()
    {
        var configuration = DemoConfiguration.Of(servers.Origin, "https://id.example.test", servers.Upstream.Url);
        var main = configuration["Gateway"]!["IdentityProviders"]!["main"]!;
        (main["ClientAuthentication"], main["SigningKeyFile"]) = ("private_key_jwt", "/nowhere/key.pem");
        var missing = await GatewayProcess.RunToExitAsync(["check"], configuration.ToJsonString());
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("SigningKeyFile: '/nowhere/key.pem' cannot be read", missing.Output);

        main["SigningKeyFile"] = ConformanceModules.KeyFile;
        var sound = await GatewayProcess.RunToExitAsync(["check"], configuration.ToJsonString());
        Assert.True(sound.ExitCode == 0, sound.Output);
        Assert.Contains("register      public key {\"e\":\"AQAB\",\"kty\":\"RSA\"", sound.Output);
        Assert.DoesNotContain("\"d\":", sound.Output);
    }

    private static JsonObject Decoded(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part))!.AsObject();

    private async Task<ConformanceRun> RunAsync(string name)
    {
        var provider = servers.Provider(name);
        provider.Behave();
        return await ConformanceRun.OfAsync(servers, provider, name);
    }
}
