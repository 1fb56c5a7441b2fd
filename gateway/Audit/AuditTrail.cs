using System.Diagnostics.Metrics;
using OrgGateway.Telemetry;

namespace OrgGateway.Audit;

/// <summary>One structured event for everything that happens to somebody's access: to the log, to the counters, to every sink.</summary>
public sealed class AuditTrail(IEnumerable<IAuditSink> sinks, ILogger<AuditTrail> logger)
{
    private static readonly Counter<long> Events = GatewayMeter.Instance.CreateCounter<long>("orggateway.audit.events", description: "Audit events by name and reason");
    private readonly IAuditSink[] _sinks = [.. sinks];

    public void Record(AuditEvent happened)
    {
        Events.Add(1, new("event", happened.Name), new("reason", happened.Reason ?? ""));
        logger.Audited(happened.Name, happened.Reason, happened.Issuer, happened.Subject, happened.OrgId, happened.KeyId, happened.KeyPrefix, happened.Provider, happened.Route, happened.Address, happened.RequestId);
        foreach (var sink in _sinks)
            sink.Take(happened);
    }
}
