using OrgGateway.Configuration;
using OrgGateway.Orgs;
using OrgGateway.OrgTokens;

namespace OrgGateway.Hosting;

/// <summary>Takes a sound reload over, in the order that keeps every request consistent, and says so; a bad one it only reports.</summary>
public sealed class ConfigurationReload(LiveConfiguration<CheckedConfiguration> live, CurrentCatalog catalog, CurrentPolicies policies, Proxy.InboundHeaders inbound,
    CurrentOrganizationTokensOptions organizationTokens, Limits.CurrentRateLimits limits, ILogger<ConfigurationReload> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        live.Accepting += Accept;
        live.Reloaded += Report;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        live.Accepting -= Accept;
        live.Reloaded -= Report;
        return Task.CompletedTask;
    }

    // Before YARP reads its section again: the endpoints it builds then take their policies from here.
    private void Accept(CheckedConfiguration configuration)
    {
        inbound.Manage(configuration.Policies.Values.Select(p => p.TokenHeader));
        policies.Value = configuration.Policies;
        limits.Value = Limits.RateLimit.Of(configuration.Options.RateLimits);
        catalog.Value = configuration.Options.ToCatalog();
        organizationTokens.Value = configuration.Options.OrganizationTokens;
    }

    private void Report(Faults faults)
    {
        foreach (var fault in faults.All)
            logger.ReloadRefused(fault);
        foreach (var warning in faults.Warnings)
            logger.ConfigurationWarning(warning);
        if (!faults.Any)
            logger.Reloaded(policies.Value.Count, catalog.Value.All.Count);
    }
}
