using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>A provider of other authors at its strictest: pushed requests only, a client that signs for itself, bound tokens, one-time refresh tokens.</summary>
public sealed class StrictProviderChainTests : IAsyncLifetime
{
    private readonly NodeProvider _provider = new();
    private readonly RSA _key = RSA.Create(2048);
    private readonly string _folder = Directory.CreateTempSubdirectory("orggateway-key-").FullName;

    public Task InitializeAsync()
    {
        var public_ = _key.ExportParameters(false);
        _provider.Environment["STRICT"] = "1";
        _provider.Environment["CLIENT_JWKS"] = new JsonArray(new JsonObject
        {
            ["kty"] = "RSA", ["n"] = Base64Url.EncodeToString(public_.Modulus), ["e"] = Base64Url.EncodeToString(public_.Exponent),
            ["kid"] = "client-key", ["use"] = "sig", ["alg"] = "PS256",
        }).ToJsonString();
        _provider.Environment["POST_LOGOUT_REDIRECT_URIS"] = _provider.Origin + "/auth/signed-out";
        _provider.Environment["ACCESS_TOKEN_TTL"] = "2";
        return _provider.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _provider.DisposeAsync();
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    [Trait("Row", "O15")]
    [Trait("Row", "O34")]
    [Trait("Row", "O63")]
    public async Task Sign_in_refresh_and_sign_out_work()
    {
        var file = Path.Combine(_folder, "client.pem");
        await File.WriteAllTextAsync(file, _key.ExportPkcs8PrivateKeyPem());
        await using var upstream = new EchoUpstream();
        await upstream.StartAsync();
        var configuration = DemoConfiguration.Of(_provider.Origin, _provider.Issuer, upstream.Url);
        var main = configuration["Gateway"]!["IdentityProviders"]!["main"]!.AsObject();
        main.Remove("ClientSecret");
        (main["ClientId"], main["ClientAuthentication"], main["SigningKeyFile"]) = (NodeProvider.ClientId, "private_key_jwt", file);
        (main["SigningKeyId"], main["SigningAlgorithm"], main["PushedAuthorization"], main["DPoP"]) = ("client-key", "PS256", "Require", true);
        await using var gateway = await GatewayProcess.StartAsync(configuration);
        using var alice = new DemoBrowser(_provider.Origins[0]);

        var end = await alice.SignInAsync("/orgs/acme/docs", "alice@acme.test", NodeProvider.Password, CancellationToken.None);
        Assert.True(end is { Status: 200, Url.AbsolutePath: "/orgs/acme/docs" }, $"{end.Status} {end.Url}\n{gateway.Output}\n{_provider.Output}");
        var first = upstream.LastRequest.Header("Authorization");

        await Wait.UntilAsync(
            async () => (await alice.GetOneAsync("/orgs/acme/docs", CancellationToken.None)).Status == 200 && upstream.LastRequest.Header("Authorization") != first,
            TimeSpan.FromSeconds(30),
            "the token is refreshed");
        await alice.GetAsync("/auth/logout", CancellationToken.None);
        Assert.Equal(302, (await alice.GetOneAsync("/orgs/acme/docs", CancellationToken.None)).Status);
        await Wait.UntilAsync(async () => (int)(await _provider.StatsAsync())["grantsRevoked"]! > 0, TimeSpan.FromSeconds(20), "the grant is revoked at the provider");
        var stats = await _provider.StatsAsync();
        Assert.True((int)stats["refreshes"]! > 0 && (int)stats["refreshErrors"]! == 0, stats.ToJsonString());
    }
}
