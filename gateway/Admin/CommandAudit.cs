using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using OrgGateway.Audit;
using OrgGateway.Sealing;
using OrgGateway.Storage;

namespace OrgGateway.Admin;

/// <summary>
/// What a command does to somebody's access belongs in the audit of the gateways: nobody collects the log of a process that ends at
/// once, or scrapes its counters. Events wait sealed in the store for the one replica that takes them.
/// </summary>
public sealed class CommandAudit(IStore store, KeyRing ring, TimeProvider clock) : IAuditSink
{
    internal const string Channel = "command-audit";
    internal static readonly StoreKey Waiting = StoreKey.Of("command-audit-waiting");
    private const string By = "command";
    private const int Batch = 100;
    private static readonly TimeSpan Keep = TimeSpan.FromDays(30);
    private readonly ConcurrentQueue<AuditEvent> _happened = new();
    private readonly Sealed<AuditEvent[]> _events = Records(store, ring);

    public void Take(AuditEvent happened) => _happened.Enqueue(happened with { Address = By });

    /// <returns>False when the store did not take all of it.</returns>
    public async Task<bool> HandOverAsync()
    {
        var isTaken = true;
        foreach (var batch in _happened.ToArray().Chunk(Batch))
        {
            var (id, ends) = (RandomNumberGenerator.GetHexString(32, lowercase: true), clock.GetUtcNow() + Keep);
            isTaken &= await _events.PutAsync(_events.Key(id), batch, ends, CancellationToken.None) == StoreWrite.Done
                && await store.AddToIndexAsync(Waiting, id, ends, CancellationToken.None) == StoreWrite.Done;
            await store.PublishAsync(Channel, Encoding.ASCII.GetBytes(id), CancellationToken.None);
        }
        _happened.Clear();
        return isTaken;
    }

    internal static Sealed<AuditEvent[]> Records(IStore store, KeyRing ring) => new(store, ring, CommandAuditJson.Default.AuditEventArray, "command-audit");
}

[JsonSerializable(typeof(AuditEvent[]))]
internal sealed partial class CommandAuditJson : JsonSerializerContext;
