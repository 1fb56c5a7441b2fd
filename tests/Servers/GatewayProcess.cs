using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrgGateway.Tests.Servers;

/// <summary>The built gateway as a process of its own, in a new folder that holds nothing but its configuration.</summary>
public sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RunBound = TimeSpan.FromSeconds(30);
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "OrgGateway.dll");
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(5) };

    private readonly ChildProcess _process;

    private GatewayProcess(ChildProcess process, string folder, Uri url, Uri management)
    {
        _process = process;
        Folder = folder;
        Url = url;
        ManagementUrl = management;
    }

    /// <summary>The working directory, which also holds the configuration file.</summary>
    public string Folder { get; }

    public string ConfigurationFile => ConfigurationFileIn(Folder);

    public Uri Url { get; }

    public Uri ManagementUrl { get; }

    public int ProcessId => _process.Id;

    public string Output => _process.Output;

    public int? ExitCode => _process.ExitCode;

    /// <summary>Starts <c>serve</c> and waits until it answers.</summary>
    /// <param name="configuration">JSON; where it names no <c>Urls</c> or no <c>Gateway:Management:Url</c>, free ports are put in.</param>
    /// <param name="environment">Added to the environment of the process.</param>
    /// <param name="arguments">More arguments, after <c>serve --config FILE</c>.</param>
    public static Task<GatewayProcess> StartAsync(
        string configuration, IReadOnlyDictionary<string, string>? environment = null, params string[] arguments) =>
        StartAsync(JsonNode.Parse(configuration, documentOptions: Lenient)!.AsObject(), environment, arguments);

    /// <inheritdoc cref="StartAsync(string, IReadOnlyDictionary{string, string}?, string[])"/>
    public static async Task<GatewayProcess> StartAsync(
        JsonObject configuration, IReadOnlyDictionary<string, string>? environment = null, params string[] arguments)
    {
        var settings = configuration.DeepClone().AsObject();
        var url = Listen(settings, "Urls");
        var management = Listen(Section(Section(settings, "Gateway"), "Management"), "Url");
        var folder = NewFolder();
        Write(folder, settings);

        var process = ChildProcess.Start(Host, [Program, "serve", "--config", ConfigurationFileIn(folder), .. arguments], folder, environment);
        var gateway = new GatewayProcess(process, folder, url, management);
        try
        {
            await Wait.UntilAsync(gateway.AnswersAsync, StartBound, "the gateway starts");
        }
        catch (TimeoutException late)
        {
            var output = gateway.Output;
            await gateway.DisposeAsync();
            throw new TimeoutException($"{late.Message}; it printed\n{output}");
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
        return gateway;
    }

    /// <summary>Runs a command that ends by itself, such as <c>check</c>, or <c>serve</c> with a configuration that is refused.</summary>
    /// <param name="arguments">The command and its arguments; <c>--config FILE</c> is added when a configuration is given.</param>
    /// <param name="configuration">JSON, written as it is.</param>
    /// <param name="environment">Added to the environment of the process.</param>
    public static async Task<FinishedRun> RunToExitAsync(
        IEnumerable<string> arguments, string? configuration = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var folder = NewFolder();
        try
        {
            if (configuration is not null)
            {
                await File.WriteAllTextAsync(ConfigurationFileIn(folder), configuration);
                arguments = [.. arguments, "--config", ConfigurationFileIn(folder)];
            }
            await using var process = ChildProcess.Start(Host, [Program, .. arguments], folder, environment);
            var exitCode = await process.WaitForExitAsync(RunBound);
            return new FinishedRun(exitCode, process.Output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Replaces the configuration file in one step, for reloads. Addresses are not put in: give them.</summary>
    public void Reconfigure(JsonObject configuration) => Write(Folder, configuration);

    /// <summary>SIGTERM, then the exit code; a gateway that does not end in time fails the test, and is killed at disposal.</summary>
    public Task<int> StopAsync() => StopAsync(StopBound);

    public async Task<int> StopAsync(TimeSpan bound)
    {
        _process.Terminate();
        return await _process.WaitForExitAsync(bound);
    }

    /// <summary>SIGTERM without waiting, for tests that look at how it drains.</summary>
    public void Terminate() => _process.Terminate();

    public Task<int> WaitForExitAsync(TimeSpan bound) => _process.WaitForExitAsync(bound);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    private static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private static string NewFolder() => Directory.CreateTempSubdirectory("orggateway-").FullName;

    private static string ConfigurationFileIn(string folder) => Path.Combine(folder, "gateway.json");

    private static void Write(string folder, JsonObject settings)
    {
        // A watcher must never meet half a file.
        var draft = Path.Combine(folder, "gateway.json.new");
        File.WriteAllText(draft, settings.ToJsonString(Indented));
        File.Move(draft, ConfigurationFileIn(folder), overwrite: true);
    }

    private static JsonObject Section(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject section) parent[name] = section = [];
        return section;
    }

    private static Uri Listen(JsonObject section, string key)
    {
        var given = (string?)section[key]?.AsValue();
        var address = given is { Length: > 0 } ? given.Split(';')[0] : $"http://127.0.0.1:{FreePort.Next()}";
        if (given is null) section[key] = address;
        return new Uri(address.Replace("0.0.0.0", "127.0.0.1").Replace("//*", "//127.0.0.1").Replace("//+", "//127.0.0.1"));
    }

    private async Task<bool> AnswersAsync()
    {
        if (_process.HasExited)
        {
            await _process.WaitForExitAsync(StopBound);
            throw _process.Ended("the gateway starts");
        }
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Url, "/auth/session")) { Version = HttpVersion.Version11 };
            using var answer = await Http.SendAsync(request);
            return true;
        }
        catch (HttpRequestException unknownCertificate) when (unknownCertificate.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            return true; // it answers; whom to trust is the test's matter
        }
        catch (Exception notYet) when (notYet is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}

/// <summary>What a command that ended by itself left behind.</summary>
public sealed record FinishedRun(int ExitCode, string Output);
