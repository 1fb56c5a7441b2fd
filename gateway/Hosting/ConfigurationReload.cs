using OrgGateway.Configuration;
using OrgGateway.Orgs;

namespace OrgGateway.Hosting;

/// <summary>Takes a sound reload over, in the order that keeps every request consistent, and says so; a bad one it only reports.</summary>
public sealed class ConfigurationReload(LiveConfiguration live, CurrentCatalog catalog, ILogger<ConfigurationReload> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        live.Reloaded += OnReloaded;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        live.Reloaded -= OnReloaded;
        return Task.CompletedTask;
    }

    private void OnReloaded(Faults faults)
    {
        foreach (var fault in faults.All)
            logger.ReloadRefused(fault);
        foreach (var warning in faults.Warnings)
            logger.ConfigurationWarning(warning);
        if (!faults.Any)
            logger.Reloaded(live.Routes, catalog.Value.All.Count);
    }
}
