using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Bench.Load;

/// <summary>The programs of a comparison: started on their cores, ended by their process ids.</summary>
public sealed class Testbed : IAsyncDisposable
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongStartBound = TimeSpan.FromMinutes(2);
    private readonly List<ChildProcess> _started = [];
    private const string BearerPath = "/bearer/acme/documents";
    private readonly string _folder;
    private readonly FreshTokens _fresh;

    public Testbed()
    {
        _folder = Directory.CreateTempSubdirectory("orggateway-bench-").FullName;
        // Servers that start as root go on as somebody else.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_folder, File.GetUnixFileMode(_folder) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        _fresh = new(_folder);
    }

    /// <summary>Of all that is written; it ends with the testbed.</summary>
    public string Folder => _folder;

    public int UpstreamPort { get; } = FreePort.Next();

    public int RedisPort { get; } = FreePort.Next();

    public IEnumerable<int> ProcessIds => _started.Select(process => process.Id);

    public Task StartUpstreamAsync() => StartAsync(Settings.LoadCores, UpstreamPort, "dotnet", Built("tests/bench/Upstream", "Upstream"), Text(UpstreamPort));

    public Task StartRedisAsync() => StartAsync(
        Settings.LoadCores, RedisPort, "redis-server", "--port", Text(RedisPort), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder);

    /// <returns>The bare proxy's address and process.</returns>
    /// <param name="session">A cookie: the proxy then does the least that a session can cost, and lets this one pass.</param>
    public async Task<Target> StartBareYarpAsync(string name, string? session = null, Dictionary<string, string>? environment = null)
    {
        var (port, counters) = (FreePort.Next(), FreePort.Next());
        string[] arguments = [Built("tests/bench/BareYarp", "BareYarp"), Text(port), $"http://127.0.0.1:{UpstreamPort}", Text(counters), .. session is null ? Array.Empty<string>() : [session]];
        var process = Start(Settings.ProxyCores, "dotnet", arguments, environment ?? []);
        await ListensAsync(process, port, name);
        return new Target(name, new Uri($"http://127.0.0.1:{port}"), process.Id, new Uri($"http://127.0.0.1:{counters}"));
    }

    /// <summary>A proxy of whatever kind, that listens there.</summary>
    /// <returns>Its process id.</returns>
    public async Task<int> StartProxyAsync(string name, int port, string[] command, Dictionary<string, string> environment)
    {
        var process = Start(Settings.ProxyCores, command[0], command[1..], environment);
        await ListensAsync(process, port, name);
        return process.Id;
    }

    /// <returns>The issuer.</returns>
    /// <param name="others">Where it sends people back to besides.</param>
    public async Task<string> StartProviderAsync(Uri gateway, IEnumerable<Uri>? others = null)
    {
        var process = Start(
            Settings.LoadCores,
            "node",
            [Repository.PathOf("tests/providers/oidc-provider.mjs")],
            new() { ["REDIRECT_URIS"] = string.Join(' ', (others ?? []).Prepend(new Uri(gateway, "/auth/callback"))), ["JWT_ACCESS_TOKENS"] = "1" });
        var ready = await process.WaitForLineAsync(line => line.StartsWith('{'), StartBound, "the OpenID provider starts");
        return JsonDocument.Parse(ready).RootElement.GetProperty("issuer").GetString()!;
    }

    /// <param name="machines">Whether programs call as well.</param>
    /// <param name="change">What is different from <see cref="GatewayConfiguration"/>.</param>
    public async Task<Target> StartGatewayAsync(Uri url, string issuer, bool machines = false, Action<JsonObject>? change = null)
    {
        var configuration = Path.Combine(_folder, "gateway.json");
        var management = new Uri($"http://127.0.0.1:{FreePort.Next()}/");
        if (machines)
            await _fresh.MakeAsync(new Uri(url, BearerPath));
        var made = JsonNode.Parse(GatewayConfiguration.Of(url, issuer, UpstreamPort, RedisPort, management, machines ? _fresh.KeySetFile : null))!.AsObject();
        change?.Invoke(made);
        await File.WriteAllTextAsync(configuration, made.ToJsonString());
        var process = await StartAsync(Settings.ProxyCores, url.Port, "dotnet", Built("gateway", "OrgGateway"), "serve", "--config", configuration);
        return new Target("gateway", url, process.Id, new Uri(management, "metrics"));
    }

    /// <returns>A gateway of this configuration, and how long it took until it said that it is ready.</returns>
    public async Task<(Target Target, TimeSpan Took)> StartGatewayAsync(string name, JsonObject configuration, Dictionary<string, string> environment)
    {
        var (url, management) = (new Uri((string)configuration["Urls"]!), new Uri((string)configuration["Gateway"]!["Management"]!["Url"]!));
        var file = Path.Combine(_folder, Text(url.Port) + ".json");
        await File.WriteAllTextAsync(file, configuration.ToJsonString());
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var ready = new Uri(management, "/health/ready");
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        var process = Start(Settings.ProxyCores, "dotnet", [Built("gateway", "OrgGateway"), "serve", "--config", file], environment);
        await Wait.UntilAsync(async () =>
        {
            if (process.HasExited)
                throw process.Ended(name);
            try
            {
                using var answer = await http.GetAsync(ready);
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, LongStartBound, $"{name} gets ready");
        var metrics = (bool?)configuration["Gateway"]!["Telemetry"]?["Metrics"] == false ? null : new Uri(management, "/metrics");
        return (new Target(name, url, process.Id, metrics), System.Diagnostics.Stopwatch.GetElapsedTime(started));
    }

    /// <summary>The same gateway asked with an API key, with a bearer token it has seen, with one it has not, and on a route with a rate limit; each is tried once first.</summary>
    public async Task<IReadOnlyList<Target>> MachinesOfAsync(Target gateway)
    {
        await using var made = ChildProcess.Start(
            "dotnet", [Built("gateway", "OrgGateway"), "keys", "create", "--org", "acme", "--role", "admin", "--name", "bench", "--json", "--config", Path.Combine(_folder, "gateway.json")], _folder);
        var exit = await made.WaitForExitAsync(StartBound);
        var key = exit == 0 ? JsonDocument.Parse(made.Output[made.Output.IndexOf('{', StringComparison.Ordinal)..]).RootElement.GetProperty("key").GetString() : throw made.Ended("keys create");
        Target[] targets =
        [
            gateway with { Name = "gateway, API key", Header = "X-Api-Key: " + key, Path = "/keys/acme/documents" },
            gateway with { Name = "gateway, bearer", Header = "Authorization: Bearer " + MachineToken.Make(), Path = BearerPath },
            gateway with { Name = "gateway, 1st seen", Header = "Authorization: Bearer " + _fresh.First, Path = BearerPath, Tokens = _fresh },
            gateway with { Name = "gateway, limited", Path = "/limited/acme/documents" },
        ];
        foreach (var target in targets.Where(target => target.Header is not null))
            await Proof.OfAsync(target, "");
        return targets;
    }

    /// <summary>From the start of bare YARP to its first answer; it is ended again.</summary>
    public Task<TimeSpan> TimeToBareAnswerAsync(bool published)
    {
        var port = FreePort.Next();
        return TimeAsync(new Uri($"http://127.0.0.1:{port}/"), "dotnet", Built("tests/bench/BareYarp", "BareYarp", published), Text(port), $"http://127.0.0.1:{UpstreamPort}");
    }

    /// <summary>From the start of the gateway until it says that it is ready; it is ended again.</summary>
    public async Task<TimeSpan> TimeToReadyAsync(bool published)
    {
        var (url, management) = (new Uri($"http://127.0.0.1:{FreePort.Next()}"), new Uri($"http://127.0.0.1:{FreePort.Next()}/health/ready"));
        var configuration = Path.Combine(_folder, "startup.json");
        await File.WriteAllTextAsync(configuration, GatewayConfiguration.Of(url, "http://127.0.0.1:9", UpstreamPort, RedisPort, management));
        return await TimeAsync(management, "dotnet", Built("gateway", "OrgGateway", published), "serve", "--config", configuration);
    }

    private async Task<TimeSpan> TimeAsync(Uri asked, string program, params string[] arguments)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        await using var process = Start(Settings.ProxyCores, program, arguments, []);
        _started.Remove(process); // it ends here
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(asked);
                if (answer.IsSuccessStatusCode)
                    return System.Diagnostics.Stopwatch.GetElapsedTime(started);
            }
            catch (HttpRequestException)
            {
                // not yet
            }
            if (process.HasExited)
                throw process.Ended(program);
            await Task.Delay(5);
        }
    }

    /// <returns>Where the file is.</returns>
    public async Task<string> WriteAsync(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(file, text);
        return file;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_started)) await process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Built(string folder, string assembly, bool published = false)
    {
        var path = Repository.PathOf($"{folder}/bin/{(published ? "published" : "Release/net10.0")}/{assembly}.dll");
        return File.Exists(path) ? path : throw new InvalidOperationException($"{path} is missing: tests/bench/run builds it");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<ChildProcess> StartAsync(string? cores, int port, string program, params string[] arguments)
    {
        var process = Start(cores, program, arguments, []);
        await ListensAsync(process, port, program);
        return process;
    }

    private static Task ListensAsync(ChildProcess process, int port, string name) =>
        Wait.UntilAsync(() => process.HasExited ? throw process.Ended(name) : AcceptsAsync(port), StartBound, $"{name} listens at {port}");

    private ChildProcess Start(string? cores, string program, string[] arguments, Dictionary<string, string> environment)
    {
        // taskset becomes the program that it starts, so that the process id is that of the program.
        var process = cores is null
            ? ChildProcess.Start(program, arguments, _folder, environment)
            : ChildProcess.Start("taskset", ["-c", cores, program, .. arguments], _folder, environment);
        _started.Add(process);
        return process;
    }

    private static async Task<bool> AcceptsAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("localhost", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
