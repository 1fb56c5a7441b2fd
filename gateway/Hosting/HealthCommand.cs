using System.CommandLine;
using OrgGateway.Admin;
using OrgGateway.Configuration;

namespace OrgGateway.Hosting;

/// <summary>
/// <c>health</c>: asks the gateway that runs beside it, for container images without a shell or curl. 0 when it lives (with
/// <c>--ready</c>: when it takes requests), 1 when not.
/// </summary>
public static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static Command Create(Option<string[]> files)
    {
        var ready = new Option<bool>("--ready") { Description = "Ask whether it takes requests, not only whether it lives; degraded counts as ready" };
        var command = new Command("health", "Asks the gateway on this host whether it lives; exit code 0 or 1") { ready };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(files) ?? [], parsed.GetValue(ready), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string[] files, bool ready, CancellationToken cancellationToken)
    {
        try
        {
            var layers = ConfigurationLayers.Build(files, ConfigurationLayers.EnvironmentName(), []);
            var listener = new Uri((layers[ManagementOptions.Section + ":Url"] ?? new ManagementOptions().Url).Replace("//*", "//127.0.0.1", StringComparison.Ordinal).Replace("//+", "//127.0.0.1", StringComparison.Ordinal));
            var here = new UriBuilder(listener) { Host = listener.Host is "0.0.0.0" or "[::]" ? "127.0.0.1" : listener.Host, Path = ready ? "/health/ready" : "/health/live", Query = ready ? "allow=degraded" : "" };
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patience };
            using var answer = await http.GetAsync(here.Uri, cancellationToken);
            Console.WriteLine(await answer.Content.ReadAsStringAsync(cancellationToken));
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or InvalidDataException or UriFormatException)
        {
            Console.Error.WriteLine($"The gateway does not answer: {exception.Message}");
            return 1;
        }
    }
}
