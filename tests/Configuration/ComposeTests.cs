using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Configuration;

/// <summary>
/// The compose files without a container engine: what they name exists, and their programs run with exactly their commands,
/// environment and secrets, at other ports.
/// </summary>
public sealed class ComposeTests : IAsyncLifetime
{
    private const string Production = "deploy/compose.production.yml";
    private const string RedisPassword = "redis-secret-of-the-tests";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly string Gateway = Path.Combine(AppContext.BaseDirectory, "OrgGateway.dll");
    private static readonly string Demo = Path.Combine(AppContext.BaseDirectory, "OrgGateway.Demo.dll");
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };
    private readonly string _folder = Directory.CreateTempSubdirectory("orggateway-compose-").FullName;
    private readonly List<ChildProcess> _started = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_started))
            await process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_production_file_agrees_with_the_image_and_with_the_example_it_points_to()
    {
        var compose = await ReadAsync(Production);
        var gateway = compose["services"]!["gateway"]!;
        var image = File.ReadAllText(Repository.PathOf("Dockerfile"));
        Assert.Equal("1654:1654", (string?)gateway["user"]);
        Assert.Matches("(?s)AS gateway.*USER 1654.*HEALTHCHECK .*\"health\"", image);
        Assert.True((bool)gateway["read_only"]!);
        Assert.DoesNotContain("VOLUME", image);
        Assert.Equal("./config:/app/config:ro", (string?)Assert.Single(gateway["volumes"]!.AsArray()));
        // Every secret is declared, and every declared one is used.
        var used = compose["services"]!.AsObject().SelectMany(service => service.Value!["secrets"]?.AsArray() ?? []).Select(secret => (string)secret!).Order(StringComparer.Ordinal);
        Assert.Equal(compose["secrets"]!.AsObject().Select(secret => secret.Key).Order(StringComparer.Ordinal), used);
        Assert.All(compose["services"]!.AsObject().SelectMany(service => service.Value!["networks"]!.AsArray()), network => Assert.True(compose["networks"]!.AsObject().ContainsKey((string)network!)));
        // What is published is what the gateway listens at.
        var example = Example();
        Assert.Equal("http://0.0.0.0:8080", (string?)example["Urls"]);
        Assert.Equal("http://0.0.0.0:8081", (string?)example["Gateway"]!["Management"]!["Url"]);
        Assert.Equal(["8080", "8081"], gateway["ports"]!.AsArray().Select(port => ((string)port!).Split(':')[^1]));
        var drain = TimeSpan.Parse((string)example["Gateway"]!["Management"]!["DrainDelay"]!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(TimeSpan.FromSeconds(int.Parse(((string)gateway["stop_grace_period"]!).TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture)) > drain + TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task The_production_gateway_gets_ready_with_the_secrets_and_the_Redis_of_the_file()
    {
        var services = (await ReadAsync(Production))["services"]!;
        var redis = await StartRedisAsync(services["redis"]!);
        var (port, management) = (FreePort.Next(), FreePort.Next());
        var example = Example();
        (example["Urls"], example["Gateway"]!["Management"]!["Url"]) = ($"http://127.0.0.1:{port}", $"http://127.0.0.1:{management}");
        Configure(example.ToJsonString());
        var secrets = Directory.CreateDirectory(Path.Combine(_folder, "secrets")).FullName;
        foreach (var name in services["gateway"]!["secrets"]!.AsArray().Select(secret => (string)secret!))
            await File.WriteAllTextAsync(Path.Combine(secrets, name), name switch
            {
                "Gateway__Store__Redis" => $"127.0.0.1:{redis},user=gateway,password={RedisPassword}",
                "Gateway__Encryption__Keys__0__Id" => "k1",
                _ => "a secret of the tests alone, " + name,
            });
        var environment = new Dictionary<string, string> { ["DOTNET_RUNNING_IN_CONTAINER"] = "true", ["DOTNET_EnableDiagnostics"] = "0", ["DOTNET_USE_POLLING_FILE_WATCHER"] = "true", ["ORGGATEWAY_SECRETS_FOLDER"] = secrets };
        var gateway = Start("dotnet", [Gateway], environment);
        await ReadyAsync(gateway, management);
        Assert.Equal(0, await RunAsync("dotnet", [Gateway, "health"], environment));
        using var answer = await Http.GetAsync(new Uri($"http://127.0.0.1:{port}/orgs/acme/x"));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.DoesNotContain("warning", gateway.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(RedisPassword, gateway.Output);
        gateway.Terminate();
        Assert.Equal(0, await gateway.WaitForExitAsync(Bound));
    }

    [Fact]
    public async Task The_demo_file_runs_the_demo()
    {
        var services = (await ReadAsync("docker-compose.yml"))["services"]!;
        var image = File.ReadAllText(Repository.PathOf("Dockerfile"));
        foreach (var (_, service) in services.AsObject().Where(service => service.Value!["build"] is not null))
            Assert.Contains(" AS " + (string)service!["build"]!["target"]!, image);
        // Its addresses are fixed, so that browser and gateway share them: each is replaced everywhere at once. The public origin stays,
        // for which the provider has the redirect URI; only the gateway's listener is elsewhere.
        var ports = new[] { "8081", "8090", "8091" }.ToDictionary(port => port, _ => FreePort.Next().ToString(System.Globalization.CultureInfo.InvariantCulture));
        var listener = FreePort.Next();
        string Elsewhere(string text) => ports.Aggregate(text, (so, port) => so.Replace(":" + port.Key, ":" + port.Value, StringComparison.Ordinal));
        var redis = await StartRedisAsync(services["redis"]!);
        Start("dotnet", [Demo, .. Command(services["identity-provider"]!).Select(Elsewhere)], []);
        Start("dotnet", [Demo, .. Command(services["app"]!).Select(Elsewhere)], []);
        Assert.Equal("./deploy/demo/appsettings.json:/app/config/appsettings.json:ro", (string?)Assert.Single(services["gateway"]!["volumes"]!.AsArray()));
        Configure(Elsewhere(File.ReadAllText(Repository.PathOf("deploy/demo/appsettings.json"))));
        var environment = services["gateway"]!["environment"]!.AsObject().ToDictionary(pair => pair.Key, pair => Elsewhere((string)pair.Value!).Replace("0.0.0.0:8080", $"127.0.0.1:{listener}", StringComparison.Ordinal).Replace("redis:6379", $"127.0.0.1:{redis}", StringComparison.Ordinal));
        await ReadyAsync(Start("dotnet", [Gateway], environment), int.Parse(ports["8081"], System.Globalization.CultureInfo.InvariantCulture));
        using var browser = new DemoBrowser(new Uri($"http://localhost:{listener}"));
        var page = await browser.GetAsync("/auth/login?next=/orgs/acme/", CancellationToken.None);
        Assert.Equal((200, int.Parse(ports["8090"], System.Globalization.CultureInfo.InvariantCulture)), (page.Status, page.Url.Port));
        Assert.Contains("name=\"email\"", page.Body);
    }

    // With the file's own command line, and the ACL that its comment proposes.
    private async Task<int> StartRedisAsync(JsonNode service)
    {
        var (port, rules) = (FreePort.Next(), Path.Combine(_folder, "redis.conf"));
        await File.WriteAllTextAsync(rules, $"user default off\nuser gateway on >{RedisPassword} ~orggw:* &orggw:* +@all -@admin -@dangerous +info\n");
        Assert.Contains("user default off / user gateway on >... ~orggw:* &orggw:* +@all -@admin -@dangerous +info", await File.ReadAllTextAsync(Repository.PathOf(Production)));
        var command = Command(service).Select(argument => argument == "/run/secrets/redis.conf" ? rules : argument).ToArray();
        var server = Start(command[0], [.. command[1..], "--port", $"{port}", "--bind", "127.0.0.1", "--dir", _folder], []);
        await server.WaitForLineAsync(line => line.Contains("Ready to accept connections", StringComparison.Ordinal), Bound, "redis-server starts");
        if (service["healthcheck"] is { } healthcheck)
        {
            var check = healthcheck["test"]!.AsArray().Select(part => (string)part!).ToArray();
            Assert.Equal("CMD", check[0]);
            Assert.Equal(0, await RunAsync(check[1], [.. check[2..^1], "-p", $"{port}", check[^1]], []));
        }
        return port;
    }

    private static async Task ReadyAsync(ChildProcess gateway, int management)
    {
        await Wait.UntilAsync(async () =>
        {
            if (gateway.HasExited)
                throw gateway.Ended("the gateway gets ready");
            try
            {
                using var answer = await Http.GetAsync(new Uri($"http://127.0.0.1:{management}/health/ready"));
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, Bound, "the gateway gets ready");
    }

    private void Configure(string json)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "config")).FullName;
        File.WriteAllText(Path.Combine(folder, "appsettings.json"), json);
    }

    private ChildProcess Start(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var process = ChildProcess.Start(program, arguments, _folder, environment);
        _started.Add(process);
        return process;
    }

    private async Task<int> RunAsync(string program, string[] arguments, Dictionary<string, string> environment) => await Start(program, arguments, environment).WaitForExitAsync(Bound);

    private static string[] Command(JsonNode service) => [.. service["command"]!.AsArray().Select(argument => (string)argument!)];

    private static async Task<JsonNode> ReadAsync(string file) => Assert.Single(await Manifests.ReadAsync(await File.ReadAllTextAsync(Repository.PathOf(file))))!;

    private static JsonNode Example() =>
        JsonNode.Parse(File.ReadAllText(Repository.PathOf("config/examples/3-production.json")), documentOptions: new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip })!;
}
