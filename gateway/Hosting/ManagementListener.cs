using OrgGateway.Admin;
using OrgGateway.Answers;
using OrgGateway.Health;
using OrgGateway.Proxy;
using OrgGateway.Telemetry;

namespace OrgGateway.Hosting;

/// <summary>
/// Health, metrics and the operators' tools, on a listener of its own: a server apart from the public one, so that no Host header
/// and no route of the configuration leads from one to the other (T114).
/// </summary>
public sealed class ManagementListener(
    GatewayOptions options, HealthReport health, MetricsCollector metrics, AdminEndpoints admin, ConsoleEndpoints console, ILogger<ManagementListener> logger) : IHostedLifecycleService
{
    private WebApplication? _app;
    private Task _listening = Task.CompletedTask;

    // On another core, beside the start of the public server: it takes as long.
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _listening = Task.Run(() => ListenAsync(cancellationToken), cancellationToken);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => _listening;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "OrgGateway" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(options.Management.Url).UseKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>(); // signals belong to the public server, which stops this one
        _app = builder.Build();
        _app.Use(AnswerAsync);
        _app.UseRouting(); // here and not, as it would be by itself, before everything: its failures are answered too
        admin.Map(_app);
        console.Map(_app);
        var own = _app.MapGroup("");
        own.MapMethods("/health/live", OwnEndpoints.Read, (RequestDelegate)(static context => context.Response.WriteAsJsonAsync(HealthAnswer.Live, HealthJson.Default.HealthAnswer, cancellationToken: context.RequestAborted)));
        own.MapMethods("/health/ready", OwnEndpoints.Read, ReadyAsync);
        if (options.Telemetry.Metrics)
            own.MapMethods("/metrics", OwnEndpoints.Read, (RequestDelegate)(context =>
            {
                context.Response.ContentType = PrometheusText.ContentType;
                return context.Response.WriteAsync(PrometheusText.Of(metrics), context.RequestAborted);
            }));
        own.RefuseOtherMethods(AdminAnswer.ProblemAsync);
        _app.MapFallback("{*path}", (RequestDelegate)(static context => AdminAnswer.ProblemAsync(context, Problem.NotFound)));
        await _app.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is null)
            return;
        await _app.StopAsync(cancellationToken);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        AnswerRequestId.Set(context);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (!RequestHost.IsReadable(context.Request))
        {
            await AdminAnswer.ProblemAsync(context, AdminAnswer.Bad("Host", "no name"));
            return;
        }
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // nobody is left to answer
        }
        catch (Exception exception) when (exception is not OutOfMemoryException && !context.Response.HasStarted)
        {
            logger.ManagementFailed(exception);
            await AdminAnswer.ProblemAsync(context, Problem.Internal);
        }
    }

    // Degraded means that what is known still serves. Who would take every replica out for it, as an orchestrator does when the
    // store they share is down, asks with allow=degraded.
    private Task ReadyAsync(HttpContext context)
    {
        var (status, parts) = health.Read();
        var ready = status == "ready" || (status == "degraded" && context.Request.Query["allow"] == "degraded");
        context.Response.StatusCode = ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsJsonAsync(new(status, parts), HealthJson.Default.HealthAnswer, cancellationToken: context.RequestAborted);
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
