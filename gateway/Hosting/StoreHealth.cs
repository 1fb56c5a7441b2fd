using OrgGateway.Health;
using OrgGateway.Storage;

namespace OrgGateway.Hosting;

/// <summary>Down, a replica serves on from its copies for a while, and nobody new.</summary>
public sealed class StoreHealth(IStore store) : IHealthPart
{
    public string Name => "store";
    public PartHealth Now => store.IsAvailable ? PartHealth.Ok : new("unavailable", true);
}
