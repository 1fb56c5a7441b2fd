using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Admin;

/// <summary>What meets an operator beside the requests: commands, reloads, and starts that fail.</summary>
public sealed class OperatorDayTests(DemoServers demo) : IClassFixture<DemoServers>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(20) };

    [Fact]
    public async Task A_change_with_a_fault_changes_nothing_and_readiness_says_so()
    {
        await using var gateway = await GatewayProcess.StartAsync(DemoConfiguration.Elsewhere(demo.Stack.Configuration));
        var sound = JsonNode.Parse(await File.ReadAllTextAsync(gateway.ConfigurationFile))!.AsObject();
        var bad = sound.DeepClone().AsObject();
        bad["ReverseProxy"]!["Routes"]!.AsObject().Remove("me");
        bad["ReverseProxy"]!["Routes"]!["organization"]!["Metadata"]!["Acess"] = "public";
        gateway.Reconfigure(bad);
        await Wait.UntilAsync(async () => await ConfigurationPartAsync(gateway) == "last change refused", Bound, "the change is refused");
        await Wait.UntilAsync(() => gateway.Output.Contains("ReverseProxy:Routes:organization:Metadata:Acess: unknown; did you mean 'Access'?", StringComparison.Ordinal), Bound, "the log says why");
        using (var me = await Http.GetAsync(new Uri(gateway.Url, "/me")))
            Assert.Equal(HttpStatusCode.Unauthorized, me.StatusCode); // the removed route is still there, protected
        using (var organization = await Http.GetAsync(new Uri(gateway.Url, "/orgs/acme/x")))
            Assert.Equal(HttpStatusCode.Unauthorized, organization.StatusCode);

        bad["ReverseProxy"]!["Routes"]!["organization"]!["Metadata"]!.AsObject().Remove("Acess");
        gateway.Reconfigure(bad);
        await Wait.UntilAsync(async () => await ConfigurationPartAsync(gateway) == "ok", Bound, "the mended change is taken over");
        using var gone = await Http.GetAsync(new Uri(gateway.Url, "/me"));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task A_port_in_use_and_a_file_that_is_no_JSON_stop_the_start_with_a_sentence()
    {
        var taken = demo.Stack.Configuration.DeepClone().AsObject();
        taken["Gateway"]!["Management"]!["Url"] = $"http://127.0.0.1:{FreePort.Next()}";
        var refused = await GatewayProcess.RunToExitAsync(["serve"], taken.ToJsonString());
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Cannot listen, as Urls or Gateway:Management:Url ask", refused.Output);

        foreach (var address in new[] { "http://192.0.2.1:8080", "https://127.0.0.1:0" }) // of no host; without a certificate
        {
            taken["Urls"] = address;
            var cannot = await GatewayProcess.RunToExitAsync(["serve"], taken.ToJsonString());
            Assert.Equal(1, cannot.ExitCode);
            Assert.Contains("Cannot listen, as Urls or Gateway:Management:Url ask", cannot.Output);
            Assert.DoesNotContain("Unhandled exception", cannot.Output);
        }

        var unreadable = await GatewayProcess.RunToExitAsync(["check"], "{ \"Gateway\": { ");
        Assert.Equal(1, unreadable.ExitCode);
        Assert.Contains("gateway.json", unreadable.Output);
        Assert.DoesNotContain("   at ", unreadable.Output);

        var missing = await GatewayProcess.RunToExitAsync(["check", "--config", "/nowhere/at/all.json"]);
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("configuration file /nowhere/at/all.json does not exist", missing.Output);
    }

    [Fact]
    public async Task Health_asks_the_gateway_beside_it()
    {
        var configuration = demo.Stack.Configuration.ToJsonString();
        var alive = await GatewayProcess.RunToExitAsync(["health"], configuration);
        Assert.Equal((0, """{"status":"ok"}"""), (alive.ExitCode, alive.Output.Trim()));
        Assert.Equal(0, (await GatewayProcess.RunToExitAsync(["health", "--ready"], configuration)).ExitCode);
        var nobody = await GatewayProcess.RunToExitAsync(["health"], $$"""{ "Gateway": { "Management": { "Url": "http://0.0.0.0:{{FreePort.Next()}}" } } }""");
        Assert.Equal(1, nobody.ExitCode);
        Assert.Contains("does not answer", nobody.Output);
    }

    [Fact]
    public async Task The_bill_of_materials_names_every_package()
    {
        var run = await GatewayProcess.RunToExitAsync(["sbom"]);
        Assert.Equal(0, run.ExitCode);
        var bill = JsonNode.Parse(run.Output)!;
        Assert.Equal(("CycloneDX", "1.6"), ((string?)bill["bomFormat"], (string?)bill["specVersion"]));
        var components = bill["components"]!.AsArray().Select(c => (string?)c!["name"]).ToList();
        foreach (var package in new[] { "Yarp.ReverseProxy", "StackExchange.Redis", "Serilog", "OpenTelemetry", "System.CommandLine" })
            Assert.Contains(package, components);
        Assert.All(bill["components"]!.AsArray().Where(c => c!["purl"] is not null), c => Assert.StartsWith("pkg:nuget/", (string?)c!["purl"]));
    }

    private static async Task<string?> ConfigurationPartAsync(GatewayProcess gateway) =>
        (string?)JsonNode.Parse(await Http.GetStringAsync(new Uri(gateway.ManagementUrl, "/health/ready")))!["parts"]!["configuration"];
}
