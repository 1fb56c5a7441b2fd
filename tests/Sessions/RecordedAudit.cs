using System.Collections.Concurrent;
using OrgGateway.Audit;

namespace OrgGateway.Tests.Sessions;

internal sealed class RecordedAudit : IAuditSink
{
    private readonly ConcurrentQueue<AuditEvent> _events = new();

    public IReadOnlyList<AuditEvent> Events => [.. _events];

    public void Take(AuditEvent happened) => _events.Enqueue(happened);
}
