using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Bearer;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Configuration;

/// <summary>Changes of a configuration that a running gateway meets, and what short and empty settings of it do.</summary>
public sealed class ReloadTests(DemoServers demo) : IClassFixture<DemoServers>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(20) };

    [Fact]
    public async Task A_changed_limit_is_in_force_without_a_restart()
    {
        var configuration = DemoConfiguration.Elsewhere(demo.Stack.Configuration);
        configuration["Gateway"]!["Management"]!["Token"] = "a management token of the tests";
        configuration["Gateway"]!["RateLimits"] = new JsonObject { ["few"] = new JsonObject { ["Limit"] = 1000, ["Window"] = "01:00:00", ["By"] = "route" } };
        BearerServers.AddRoute(configuration, "few", "/few", ("Access", "public"), ("RateLimit", "few"));
        await using var gateway = await GatewayProcess.StartAsync(configuration);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway, "/few"));

        var changed = Written(gateway);
        changed["Gateway"]!["RateLimits"]!["few"]!["Limit"] = 1;
        gateway.Reconfigure(changed);
        await Wait.UntilAsync(async () => await StatusAsync(gateway, "/few") == HttpStatusCode.TooManyRequests, Bound, "the lower limit is in force");
        changed["Gateway"]!["RateLimits"]!["few"]!["Limit"] = 100_000;
        gateway.Reconfigure(changed);
        await Wait.UntilAsync(async () => await StatusAsync(gateway, "/few") == HttpStatusCode.OK, Bound, "the higher limit is in force");

        using var asked = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.ManagementUrl, "/admin/v1/routes"));
        asked.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "a management token of the tests");
        using var routes = await Http.SendAsync(asked);
        var few = JsonNode.Parse(await routes.Content.ReadAsStringAsync())!["items"]!.AsArray().Single(r => (string?)r!["id"] == "few")!;
        Assert.Equal(["Access", "RateLimit"], few["metadata"]!.AsObject().Select(m => m.Key).Order());
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_said_and_forgets_nothing_until_it_can()
    {
        var secrets = Directory.CreateTempSubdirectory("orggateway-secrets-").FullName;
        var restriction = Path.Combine(secrets, "restriction.json");
        try
        {
            await File.WriteAllTextAsync(restriction, """{ "ReverseProxy": { "Routes": { "more": { "Metadata": { "Access": "authenticated" } } } } }""");
            var configuration = DemoConfiguration.Elsewhere(demo.Stack.Configuration);
            BearerServers.AddRoute(configuration, "more", "/more", ("Access", "public"));
            await using var gateway = await GatewayProcess.StartAsync(configuration, null, "--config", restriction);
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, "/more"));

            await File.WriteAllTextAsync(restriction, "{ \"ReverseProxy\": ");
            await Wait.UntilAsync(() => gateway.Output.Contains(restriction + ": could not be read", StringComparison.Ordinal), Bound, "the log names the file");
            Assert.Equal("last change refused", await ConfigurationPartAsync(gateway));

            // Another layer changes meanwhile: without the file, the route would be public.
            var changed = Written(gateway);
            BearerServers.AddRoute(changed, "another", "/another", ("Access", "public"));
            gateway.Reconfigure(changed);
            await File.WriteAllTextAsync(restriction, "{ \"ReverseProxy\": { ");
            await Wait.UntilAsync(() => gateway.Output.Split(restriction + ": could not be read").Length > 2, Bound, "it is refused again");
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, "/more"));
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(gateway, "/another"));

            File.Delete(restriction);
            await Wait.UntilAsync(() => gateway.Output.Contains(restriction + ": does not exist any more", StringComparison.Ordinal), Bound, "a file that is gone is named");
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, "/more"));

            await File.WriteAllTextAsync(restriction, """{ "ReverseProxy": { "Routes": { "more": { "Metadata": { "Access": "authenticated" } } } } }""");
            await Wait.UntilAsync(async () => await StatusAsync(gateway, "/another") == HttpStatusCode.OK, Bound, "what waited is taken over");
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, "/more"));
            Assert.Equal("ok", await ConfigurationPartAsync(gateway));
        }
        finally
        {
            Directory.Delete(secrets, recursive: true);
        }
    }

    [Fact]
    public async Task A_refused_change_that_is_taken_back_leaves_nothing_to_be_said()
    {
        await using var gateway = await GatewayProcess.StartAsync(DemoConfiguration.Elsewhere(demo.Stack.Configuration));
        var sound = Written(gateway);
        var bad = sound.DeepClone().AsObject();
        bad["Gateway"]!["Colour"] = "red";
        gateway.Reconfigure(bad);
        await Wait.UntilAsync(async () => await ConfigurationPartAsync(gateway) == "last change refused", Bound, "the change is refused");
        gateway.Reconfigure(sound);
        await Wait.UntilAsync(async () => await ConfigurationPartAsync(gateway) == "ok", Bound, "it is taken back");
    }

    [Fact]
    [Trait("Row", "K26")]
    public async Task Well_known_names_are_taken_from_files_and_change_on_reload()
    {
        var secrets = Directory.CreateTempSubdirectory("orggateway-secrets-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(secrets, "CRON_SECRET"), "a secret of the schedule\n");
            await using var gateway = await GatewayProcess.StartAsync(DemoConfiguration.Elsewhere(demo.Stack.Configuration), new Dictionary<string, string> { ["ORGGATEWAY_SECRETS_FOLDER"] = secrets });
            Assert.Equal(HttpStatusCode.OK, await RefreshAsync(gateway, "a secret of the schedule"));
            await File.WriteAllTextAsync(Path.Combine(secrets, "CRON_SECRET"), "another secret of the schedule");
            await Wait.UntilAsync(async () => await RefreshAsync(gateway, "another secret of the schedule") == HttpStatusCode.OK, Bound, "the changed secret is used");
            Assert.Equal(HttpStatusCode.Unauthorized, await RefreshAsync(gateway, "a secret of the schedule"));
        }
        finally
        {
            Directory.Delete(secrets, recursive: true);
        }
    }

    [Fact]
    public async Task An_entry_that_says_nothing_is_one()
    {
        var configuration = DemoConfiguration.Elsewhere(demo.Stack.Configuration);
        configuration["Gateway"]!["Organizations"]!["umbrella"] = new JsonObject();
        var sound = await GatewayProcess.RunToExitAsync(["check"], configuration.ToJsonString());
        Assert.True(sound.ExitCode == 0, sound.Output);
        Assert.Contains("umbrella (umbrella)", sound.Output);

        configuration["Gateway"]!["Organizations"]!["no slug"] = new JsonObject();
        configuration["Gateway"]!["RateLimits"] = new JsonObject { ["none"] = new JsonObject() };
        var refused = await GatewayProcess.RunToExitAsync(["check"], configuration.ToJsonString());
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Gateway:Organizations:no slug: a slug has", refused.Output);
        Assert.Contains("Gateway:RateLimits:none:Limit: 0 is out of range", refused.Output);
    }

    [Fact]
    public async Task Addresses_that_nobody_can_listen_on_are_faults_and_a_key_that_is_not_used_is_a_warning()
    {
        var configuration = DemoConfiguration.Elsewhere(demo.Stack.Configuration);
        configuration["Gateway"]!["IdentityProviders"]!["main"]!["SigningKeyFile"] = "/nowhere/key.pem";
        configuration["Gateway"]!["Management"]!["Url"] = "http://*:8099";
        var warned = await GatewayProcess.RunToExitAsync(["check"], configuration.ToJsonString());
        Assert.True(warned.ExitCode == 0, warned.Output);
        Assert.Contains("Gateway:IdentityProviders:main:SigningKeyFile: not used", warned.Output);

        foreach (var (urls, management, fault) in new[]
        {
            ("nonsense", "http://127.0.0.1:8099", "Urls: 'nonsense' is no address"), ("http://0.0.0.0:8099", "http://127.0.0.1:8099", "Gateway:Management:Url: is also the public listener's"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8099/path", "Gateway:Management:Url: an address to listen on"),
        })
        {
            (configuration["Urls"], configuration["Gateway"]!["Management"]!["Url"]) = (urls, management);
            var refused = await GatewayProcess.RunToExitAsync(["serve"], configuration.ToJsonString());
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(fault, refused.Output);
            Assert.DoesNotContain("   at ", refused.Output);
        }
    }

    [Fact]
    [Trait("Row", "G12")]
    public async Task Sessions_of_a_few_seconds_end_when_they_say_so()
    {
        var stack = await GatewayStack.StartAsync(new()
        {
            Configure = (_, configuration) => configuration["Gateway"]!["Sessions"] = new JsonObject { ["IdleTimeout"] = "00:00:05", ["AbsoluteTimeout"] = "00:00:05" },
        });
        await using (stack)
        {
            using var alice = await stack.SignedInAsync("alice@acme.test");
            await Wait.UntilAsync(async () => await MeAsync(alice) == HttpStatusCode.Unauthorized, Bound, "the session ends");
        }

        // A copy in process is no older than the idle time allows: only what is read again lets the store's end slide.
        Assert.Equal(TimeSpan.FromSeconds(1), new OrgGateway.Sessions.SessionOptions { IdleTimeout = TimeSpan.FromSeconds(24) }.CopyLife);
        Assert.Equal(TimeSpan.FromSeconds(30), new OrgGateway.Sessions.SessionOptions().CopyLife);
    }

    private static async Task<HttpStatusCode> MeAsync(DemoBrowser browser)
    {
        using var answer = await browser.SendAsync(new(HttpMethod.Get, "/me"), CancellationToken.None);
        return answer.StatusCode;
    }

    private static JsonObject Written(GatewayProcess gateway) => JsonNode.Parse(File.ReadAllText(gateway.ConfigurationFile))!.AsObject();

    private static async Task<HttpStatusCode> StatusAsync(GatewayProcess gateway, string path)
    {
        using var answer = await Http.GetAsync(new Uri(gateway.Url, path));
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> RefreshAsync(GatewayProcess gateway, string secret)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Url, "/auth/org-tokens/refresh"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        using var answer = await Http.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<string?> ConfigurationPartAsync(GatewayProcess gateway) =>
        (string?)JsonNode.Parse(await Http.GetStringAsync(new Uri(gateway.ManagementUrl, "/health/ready")))!["parts"]!["configuration"];
}
