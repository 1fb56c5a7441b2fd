using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>What a gateway says of its configuration before anybody signs in.</summary>
public sealed class StartChainTests
{
    private static readonly Dictionary<string, string> Three = new()
    {
        ["Gateway__PublicOrigin"] = "https://app.example.test",
        ["Gateway__IdentityProviders__main__ClientId"] = "gateway",
        ["Gateway__IdentityProviders__main__ClientSecret"] = "secret-of-the-client",
    };

    [Fact]
    [Trait("Row", "S35")]
    public async Task Three_missing_settings_are_all_named_and_nothing_starts()
    {
        var configuration = Demo();
        configuration["Gateway"]!.AsObject().Remove("PublicOrigin");
        MainProvider(configuration).Remove("ClientId");
        MainProvider(configuration).Remove("ClientSecret");

        var complete = await GatewayProcess.RunToExitAsync(["check"], configuration.ToJsonString(), Three);
        Assert.True(complete.ExitCode == 0, complete.Output);
        var refused = await GatewayProcess.RunToExitAsync(["serve"], configuration.ToJsonString());
        Assert.Equal(1, refused.ExitCode);
        foreach (var variable in Three.Keys)
            Assert.Contains(variable.Replace("__", ":", StringComparison.Ordinal) + ": missing", refused.Output);
    }

    [Fact]
    [Trait("Row", "G21")]
    public async Task An_http_origin_is_for_loopback_and_Development_only()
    {
        var configuration = Demo();
        configuration["Gateway"]!["PublicOrigin"] = "http://app.example.test";
        var refused = await GatewayProcess.RunToExitAsync(["serve"], configuration.ToJsonString());
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Gateway:PublicOrigin: http is for loopback addresses and Development only", refused.Output);

        var development = new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Development" };
        Assert.Equal(0, (await GatewayProcess.RunToExitAsync(["check"], configuration.ToJsonString(), development)).ExitCode);
        configuration["Gateway"]!["PublicOrigin"] = "http://127.0.0.1:8080";
        Assert.Equal(0, (await GatewayProcess.RunToExitAsync(["check"], configuration.ToJsonString())).ExitCode);
    }

    [Fact]
    [Trait("Row", "S36")]
    public async Task The_redirect_URI_printed_is_the_one_sent()
    {
        await using var stack = await GatewayStack.StartAsync(new());
        var check = await GatewayProcess.RunToExitAsync(["check"], stack.Configuration.ToJsonString());
        using var browser = stack.BrowserFor();
        var sent = PendingLogin.Of((await browser.GetOneAsync("/auth/login", CancellationToken.None)).Hops[0].Location!, "redirect_uri");
        Assert.Contains($"redirect URI {sent}\n", check.Output);
        Assert.Contains($"Redirect URI to register at main: {sent}\n", stack.Gateway.Output);
    }

    private static JsonObject Demo() => DemoConfiguration.Of("http://localhost:8080", "http://localhost:8090", "http://localhost:8091");

    private static JsonObject MainProvider(JsonObject configuration) => configuration["Gateway"]!["IdentityProviders"]!["main"]!.AsObject();
}
