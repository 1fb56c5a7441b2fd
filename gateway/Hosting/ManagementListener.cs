using OrgGateway.Health;
using OrgGateway.Proxy;
using OrgGateway.Telemetry;

namespace OrgGateway.Hosting;

/// <summary>
/// Health, metrics and the operators' tools, on a listener of its own: a server apart from the public one, so that no Host header
/// and no route of the configuration leads from one to the other (T114).
/// </summary>
public sealed class ManagementListener(GatewayOptions options, HealthReport health, MetricsCollector metrics, ILoggerFactory logging) : IHostedService
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
        builder.Services.AddSingleton(logging);
        _app = builder.Build();
        _app.Use(static (context, next) =>
        {
            AnswerRequestId.Set(context);
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return next(context);
        });
        _app.MapGet("/health/live", () => Results.Json(new { status = "ok" }));
        _app.MapGet("/health/ready", Ready);
        if (options.Telemetry.Metrics)
            _app.MapGet("/metrics", () => Results.Text(PrometheusText.Of(metrics), PrometheusText.ContentType));
        await _app.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is null)
            return;
        await _app.StopAsync(cancellationToken);
        await _app.DisposeAsync();
    }

    // Degraded means that what is known still serves. Who would take every replica out for it, as an orchestrator does when the
    // store they share is down, asks with allow=degraded.
    private IResult Ready(HttpRequest request)
    {
        var (status, parts) = health.Read();
        var ready = status == "ready" || (status == "degraded" && request.Query["allow"] == "degraded");
        return Results.Json(new { status, parts }, statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
