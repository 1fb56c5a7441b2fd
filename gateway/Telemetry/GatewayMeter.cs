using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OrgGateway.Telemetry;

/// <summary>The one meter and the one activity source of the gateway; each capability makes its own instruments of them.</summary>
public static class GatewayMeter
{
    public const string Name = "OrgGateway";

    public static Meter Instance { get; } = new(Name);

    public static ActivitySource Activities { get; } = new(Name);
}
