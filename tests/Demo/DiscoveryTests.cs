using System.Text.Json.Nodes;

namespace OrgGateway.Tests.Demo;

public sealed class DiscoveryTests
{
    [Fact]
    public async Task The_metadata_names_the_issuer_and_endpoints_that_answer()
    {
        await using var app = await ClientApp.StartAsync();

        var metadata = await app.GetJsonAsync("/.well-known/openid-configuration");

        Assert.Equal(app.Provider.Issuer, metadata.Text("issuer"));
        Assert.Equal($"{app.Provider.Issuer}/jwks", metadata.Text("jwks_uri"));
        Assert.True(metadata["authorization_response_iss_parameter_supported"]!.GetValue<bool>());
        Assert.Equal(["S256"], metadata["code_challenge_methods_supported"]!.AsArray().Select(method => method!.GetValue<string>()));
        using var http = new HttpClient();
        foreach (var endpoint in new[] { "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "end_session_endpoint" })
        {
            using var response = await http.GetAsync(new Uri(metadata.Text(endpoint)));
            Assert.NotEqual(404, (int)response.StatusCode);
        }

        Assert.Equal(1, app.Provider.Counters.Discovery.Value);
    }

    [Fact]
    public async Task After_a_key_rotation_a_new_key_signs_and_the_old_one_still_verifies()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();
        var before = (await app.SignInAsync(browser)).Text("id_token");

        app.Provider.RotateKeys();
        var after = (await app.SignInAsync(browser)).Text("id_token");

        var (oldHeader, _) = await app.VerifyAsync(before);
        var (newHeader, _) = await app.VerifyAsync(after);
        Assert.NotEqual(oldHeader.Text("kid"), newHeader.Text("kid"));
    }

    [Fact]
    public async Task A_retired_key_leaves_the_key_set_in_the_end()
    {
        var clock = new AdjustableClock();
        await using var app = await ClientApp.StartAsync(new() { Clock = clock }, client => client);
        app.Provider.RotateKeys();
        Assert.Equal(2, Keys(await app.GetJsonAsync("/jwks")));

        clock.Advance(TimeSpan.FromHours(2));

        Assert.Equal(1, Keys(await app.GetJsonAsync("/jwks")));
    }

    private static int Keys(JsonObject jwks) => jwks["keys"]!.AsArray().Count;
}
