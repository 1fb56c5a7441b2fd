namespace OrgGateway.Revocation;

/// <summary>Keeps <see cref="TokenCutoffs"/> true: read before the first request is served, told of every revocation, read again for messages that were lost.</summary>
public sealed class TokenCutoffReader(TokenCutoffs cutoffs, Revocations revocations, TimeProvider clock, ILogger<TokenCutoffReader> logger) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // First the messages, then what came before them.
        revocations.Subscribe(cutoffs.Hear);
        await ReadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            if (cutoffs.IsDue())
                await ReadAsync(stoppingToken);
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await cutoffs.ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not (OutOfMemoryException or OperationCanceledException))
        {
            logger.CutoffsNotRead(exception); // the list grows old, and tokens are refused before it is too old to be relied on
        }
    }
}
