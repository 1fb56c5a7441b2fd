namespace OrgGateway.OrgTokens;

/// <summary>Renews tokens before any request meets one that ends, and finds what messages that were lost would have told.</summary>
public sealed class OrganizationTokenUpkeep(OrganizationTokens tokens, TimeProvider clock, ILogger<OrganizationTokenUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private const int CatchUpEvery = 5;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        for (var round = 1; await NextAsync(timer, stoppingToken); round++)
        {
            try
            {
                tokens.KeepFresh();
                if (round % CatchUpEvery == 0)
                    await tokens.CatchUpAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                logger.UpkeepFailed(exception);
            }
        }
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
