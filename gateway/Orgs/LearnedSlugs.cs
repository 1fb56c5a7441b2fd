namespace OrgGateway.Orgs;

/// <summary>Writes slugs learned from claims to the store now and then, and at the end: no request and no sign-in waits for it.</summary>
public sealed class LearnedSlugs(OrganizationDirectory directory, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Every, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await directory.KeepLearnedAsync(CancellationToken.None);
        }
    }
}
