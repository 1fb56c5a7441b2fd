using OrgGateway.Audit;

namespace OrgGateway.Admin;

/// <param name="At">When it happened.</param>
public sealed record RecentEvent(DateTimeOffset At, AuditEvent Event);

/// <summary>The last refusals and failures of this replica, for who looks at the console; the audit log has all of them.</summary>
public sealed class RecentRefusals(TimeProvider clock) : IAuditSink
{
    private const int Kept = 200;
    private readonly RecentEvent?[] _ring = new RecentEvent?[Kept];
    private long _next;

    public void Take(AuditEvent happened)
    {
        if (happened.Name.EndsWith(".refused", StringComparison.Ordinal) || happened.Name.EndsWith("_failed", StringComparison.Ordinal) || happened.Name.EndsWith(".failed", StringComparison.Ordinal))
            Volatile.Write(ref _ring[(Interlocked.Increment(ref _next) - 1) % Kept], new(clock.GetUtcNow(), happened));
    }

    /// <summary>The latest first.</summary>
    public IReadOnlyList<RecentEvent> Latest(int limit) => [.. _ring.OfType<RecentEvent>().OrderByDescending(e => e.At).Take(limit)];
}
