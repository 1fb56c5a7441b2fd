using Microsoft.Extensions.Configuration.Json;

namespace OrgGateway.Configuration;

/// <summary>The layer of one file.</summary>
public sealed class SettingsFileSource : JsonConfigurationSource
{
    public required string File { get; init; }

    public override IConfigurationProvider Build(IConfigurationBuilder builder)
    {
        EnsureDefaults(builder);
        return new SettingsFile(this);
    }
}
