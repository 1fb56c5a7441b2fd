using System.Diagnostics.Metrics;
using OrgGateway.Telemetry;

namespace OrgGateway.Sessions;

/// <summary>Counts of sessions. Tags are reasons, which are constants of this program.</summary>
internal static class SessionMetrics
{
    public static readonly Counter<long> Ended = GatewayMeter.Instance.CreateCounter<long>("orggateway.sessions.ended", description: "Sessions ended, by reason");
    public static readonly Counter<long> Revocations = GatewayMeter.Instance.CreateCounter<long>("orggateway.sessions.revocations", description: "Revocations carried through, by scope and reason");
    public static readonly Counter<long> Evicted = GatewayMeter.Instance.CreateCounter<long>("orggateway.sessions.copies_evicted", description: "Copies let go because Gateway:Sessions:CopyLimit was reached");
}
