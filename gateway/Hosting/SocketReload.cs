using OrgGateway.Configuration;
using OrgGateway.Sockets;

namespace OrgGateway.Hosting;

/// <summary>Lets a reload reach what is open: a member or role that it took away ends sockets as a revocation does.</summary>
public sealed class SocketReload(LiveConfiguration<CheckedConfiguration> live, LiveConnections connections, LiveSweep sweep) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        live.Accepting += Accept;
        live.Reloaded += Recheck;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        live.Accepting -= Accept;
        live.Reloaded -= Recheck;
        return Task.CompletedTask;
    }

    private void Accept(CheckedConfiguration configuration) => connections.Limits = configuration.Options.Sockets;

    private void Recheck(Faults faults)
    {
        if (!faults.Any)
            sweep.RecheckNow();
    }
}
