using OrgGateway.Storage;

namespace OrgGateway.Hosting;

/// <summary>
/// Health for orchestrators, on a listener of its own: a server apart from the public one, so that no Host header and no route
/// of the configuration leads from one to the other.
/// </summary>
public sealed class ManagementListener(GatewayOptions options, IStore store, Sockets.LiveConnections connections) : IHostedService
{
    private WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "OrgGateway" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(options.Management.Url).UseKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>(); // signals belong to the public server, which stops this one
        _app = builder.Build();
        _app.MapGet("/health/live", () => Results.Json(new { status = "ok" }));
        _app.MapGet("/health/ready", () => Results.Json(
            new { status = connections.IsDraining ? "draining" : store.IsAvailable ? "ready" : "degraded", parts = new { store = store.IsAvailable ? "ok" : "unavailable" } },
            statusCode: store.IsAvailable && !connections.IsDraining ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable));
        await _app.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is null)
            return;
        await _app.StopAsync(cancellationToken);
        await _app.DisposeAsync();
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
