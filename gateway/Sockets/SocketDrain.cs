namespace OrgGateway.Sockets;

/// <summary>At a shutdown: no new sockets, the open ones close with 1012, and only plain requests are waited for.</summary>
/// <param name="delay">
/// Time for load balancers to notice. Until it is over sockets are opened as ever, since what comes here is refused nowhere else; and none is
/// closed, since who connects again might come back here.
/// </param>
public sealed class SocketDrain(LiveConnections connections, SocketOptions options, TimeSpan delay, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<SocketDrain> logger) : IHostedService, IDisposable
{
    private CancellationTokenRegistration _stopping;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Before any server stops: readiness still answers, and says no.
        _stopping = lifetime.ApplicationStopping.Register(() => _ = DrainAsync());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    private async Task DrainAsync()
    {
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay, clock);
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
