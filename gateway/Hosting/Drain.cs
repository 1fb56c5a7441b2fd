using OrgGateway.Admin;

namespace OrgGateway.Hosting;

/// <summary>Between SIGTERM and the end of accepting requests: readiness is off already, and load balancers get the time to notice.</summary>
public sealed class Drain(GatewayOptions options, TimeProvider clock) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) =>
        options.Management.DrainDelay == TimeSpan.Zero ? Task.CompletedTask : Task.Delay(options.Management.DrainDelay, clock, cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
