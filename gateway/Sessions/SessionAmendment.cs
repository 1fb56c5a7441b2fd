using OrgGateway.Storage;

namespace OrgGateway.Sessions;

/// <summary>Changes the records of several sessions where they stand, each against whatever else writes to it meanwhile.</summary>
public sealed class SessionAmendment(SessionStore sessions, SessionDirectory directory)
{
    private const int Page = 500;
    private const int Attempts = 5;
    private static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = 32 };

    /// <param name="change">May run several times for one record; null leaves it as it is.</param>
    /// <returns>How many were changed; null when the store did not answer for all of them.</returns>
    public async Task<int?> ApplyAsync(StoreKey index, Func<SessionRecord, SessionRecord?> change)
    {
        var changed = 0;
        for (var skip = 0; ; skip += Page)
        {
            var page = await directory.ReadAsync(index, skip, Page, CancellationToken.None);
            if (page.Status == StoreStatus.Unavailable)
                return null;
            if (page.Value is not { Length: > 0 } entries)
                return changed;
            var failed = 0;
            await Parallel.ForEachAsync(entries, AtOnce, async (entry, _) =>
            {
                if (await ApplyAsync(entry.Id, change) is not { } isChanged)
                    Interlocked.Increment(ref failed);
                else if (isChanged)
                    Interlocked.Increment(ref changed);
            });
            if (failed > 0)
                return null;
        }
    }

    private async Task<bool?> ApplyAsync(SessionId id, Func<SessionRecord, SessionRecord?> change)
    {
        // A refresh may write between the read and the write: then it is read again.
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var read = await sessions.ReadAsync(id, CancellationToken.None);
            if (read.Status == StoreStatus.Unavailable)
                return null;
            if (read.Value is not { } stored || change(stored.Value) is not { } changed)
                return false;
            switch (await sessions.ReplaceAsync(id, stored.Version, changed, CancellationToken.None))
            {
                case StoreWrite.Done:
                    return true;
                case StoreWrite.Unavailable:
                    return null;
            }
        }
        return null;
    }
}
