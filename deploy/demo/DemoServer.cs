using Microsoft.Extensions.Logging.Console;

namespace OrgGateway.Demo;

/// <summary>One HTTP server of the demo. It takes nothing from the environment or from appsettings.json, which is the gateway's.</summary>
internal sealed class DemoServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DemoServer(WebApplication app, Uri url) => (_app, Url) = (app, url);

    /// <summary>The address to call it by; a server bound to every address is called localhost.</summary>
    public Uri Url { get; }

    /// <param name="url">http://localhost:0 takes a free port.</param>
    /// <param name="map">Adds middleware and endpoints.</param>
    /// <param name="cancellationToken">Ends the start, not the server.</param>
    public static async Task<DemoServer> StartAsync(string url, Action<WebApplication> map, CancellationToken cancellationToken)
    {
        var asked = BindingAddress.Parse(url);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.Logging.AddConsole(console => console.FormatterName = ConsoleFormatterNames.Simple)
            .SetMinimumLevel(LogLevel.Warning);

        var app = builder.Build();
        try
        {
            // Kestrel finds no free port for the name localhost, which is two addresses.
            app.Urls.Add(asked is { Port: 0, Host: "localhost" } ? "http://127.0.0.1:0" : url);
            map(app);
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        var bound = BindingAddress.Parse(app.Urls.First());
        var host = asked.Host is "0.0.0.0" or "[::]" or "*" or "+" ? "localhost" : asked.Host;
        return new DemoServer(app, new UriBuilder(bound.Scheme, host, bound.Port).Uri);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
