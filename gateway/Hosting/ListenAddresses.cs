using OrgGateway.Admin;
using OrgGateway.Configuration;

namespace OrgGateway.Hosting;

/// <summary>Where the public listener and the operators' one stand, judged before anything listens.</summary>
public static class ListenAddresses
{
    private const string Setting = "Urls";
    private const string Standard = "http://0.0.0.0:8080";

    /// <summary><c>Urls</c>, or <c>HTTP_PORTS</c> and <c>HTTPS_PORTS</c> as images of ASP.NET Core set them, or port 8080 of every address.</summary>
    public static IReadOnlyList<string> Of(IConfiguration configuration)
    {
        if (Split(configuration[Setting]) is { Count: > 0 } urls)
            return urls;
        string[] ports = [.. Split(configuration["HTTP_PORTS"]).Select(port => $"http://*:{port}"), .. Split(configuration["HTTPS_PORTS"]).Select(port => $"https://*:{port}")];
        return ports.Length > 0 ? ports : [Standard];
    }

    public static void Check(IConfiguration configuration, string management, Faults faults)
    {
        var operators = Parse(management);
        if (operators is not { Scheme: "http" })
            faults.Add(ManagementOptions.Section + ":Url", "an address to listen on, such as http://127.0.0.1:8081");
        // Kestrel's own endpoints stand in place of Urls.
        if (configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
            return;
        foreach (var url in Of(configuration))
            if (Parse(url) is not { Scheme: "http" or "https" } address)
                faults.Add(Setting, $"'{url}' is no address to listen on, such as http://0.0.0.0:8080");
            else if (operators is not null && address.Port != 0 && address.Port == operators.Port && (IsEvery(address) || IsEvery(operators) || address.Host.Equals(operators.Host, StringComparison.OrdinalIgnoreCase)))
                faults.Add(ManagementOptions.Section + ":Url", $"is also the public listener's ({Setting} {url}); the operators' needs a port of its own");
    }

    private static List<string> Split(string? list) => [.. (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private static bool IsEvery(BindingAddress address) => address.Host is "*" or "+" or "0.0.0.0" or "[::]";

    private static BindingAddress? Parse(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { PathBase: "" or "/", Port: <= ushort.MaxValue } address ? address : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
