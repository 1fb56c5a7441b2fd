using OrgGateway.Health;
using OrgGateway.OrgTokens;

namespace OrgGateway.Hosting;

/// <summary>Degraded only when every mint fails and no token is valid any more: one organization's wrong secret takes no replica out.</summary>
public sealed class OrganizationTokenHealth(OrganizationTokens tokens) : IHealthPart
{
    public string Name => "organizationTokens";
    public PartHealth Now => tokens.AreAllLost ? new("unavailable", true) : PartHealth.Ok;
}
