using OrgGateway.Configuration;
using OrgGateway.Health;

namespace OrgGateway.Hosting;

/// <summary>Tells of a changed configuration that was refused: the running one serves on, and the next start would fail.</summary>
public sealed class ConfigurationHealth : IHealthPart
{
    private volatile bool _refused;

    public ConfigurationHealth(LiveConfiguration<CheckedConfiguration> live) => live.Reloaded += faults => _refused = faults.Any;

    public string Name => "configuration";
    public PartHealth Now => _refused ? new("last change refused", false) : PartHealth.Ok;
}
