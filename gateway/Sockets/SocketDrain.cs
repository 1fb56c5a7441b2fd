namespace OrgGateway.Sockets;

/// <summary>At a shutdown: no new sockets, the open ones close with 1012 at once, and only plain requests are waited for.</summary>
public sealed class SocketDrain(LiveConnections connections, SocketOptions options, IHostApplicationLifetime lifetime, ILogger<SocketDrain> logger) : IHostedService, IDisposable
{
    private CancellationTokenRegistration _stopping;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Before any server stops: readiness still answers, and says no.
        _stopping = lifetime.ApplicationStopping.Register(Drain);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    private void Drain()
    {
        var open = connections.Drain();
        if (open.Length > 0)
            logger.Draining(open.Length);
        foreach (var connection in open)
        {
            if (connection is OpenSocket socket)
                socket.Close(CloseReason.Restart, options.DrainGrace);
            else if (connection is StreamingResponse { IsEndless: true })
                connection.Close(CloseReason.Restart); // it would hold the process to the end of its patience
        }
    }
}
