using System.Text.Json.Nodes;

namespace OrgGateway.Tests.Chaos;

/// <summary>How a <see cref="Fleet"/> differs from the usual one.</summary>
internal sealed record FleetOptions
{
    public int Gateways { get; init; } = 3;

    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A second Redis that follows the first, and a sentinel that promotes it.</summary>
    public bool Sentinel { get; init; }

    /// <summary>The room that Redis has on its disk, in MiB; null for that of this machine.</summary>
    public int? DiskOfRedis { get; init; }

    /// <summary>Added to the environment of the gateway of this number.</summary>
    public Func<int, IReadOnlyDictionary<string, string>>? Environment { get; init; }

    public Action<JsonObject>? Configure { get; init; }
}
