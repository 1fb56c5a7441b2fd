using System.Text;
using OrgGateway.Audit;
using OrgGateway.Sealing;
using OrgGateway.Storage;

namespace OrgGateway.Admin;

/// <summary>Takes over the audit events of commands: at once when told, else at the next look, so that none waits for a message that was lost.</summary>
public sealed class CommandAuditReader(IStore store, KeyRing ring, AuditTrail audit, TimeProvider clock, ILogger<CommandAuditReader> logger) : BackgroundService
{
    private const int MostAtOnce = 100;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);
    private readonly Sealed<AuditEvent[]> _events = CommandAudit.Records(store, ring);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        store.Subscribe(CommandAudit.Channel, message => _ = TakeAsync(Encoding.ASCII.GetString(message)));
        using var timer = new PeriodicTimer(LookEvery, clock);
        try
        {
            do
                foreach (var id in (await store.ReadIndexAsync(CommandAudit.Waiting, MostAtOnce, stoppingToken)).Value ?? [])
                    await TakeAsync(id);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    // Read and removed in one step: of several replicas one records it.
    private async Task TakeAsync(string id)
    {
        try
        {
            var taken = await _events.TakeAsync(_events.Key(id), CancellationToken.None);
            foreach (var happened in taken.Value?.Value ?? [])
                audit.Record(happened);
            if (taken.Status != StoreStatus.Unavailable)
                await store.RemoveFromIndexAsync(CommandAudit.Waiting, id, CancellationToken.None);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            logger.CommandAuditFailed(exception); // nobody awaits this
        }
    }
}
