using OrgGateway.Revocation;
using OrgGateway.Storage;

namespace OrgGateway.ApiKeys;

/// <summary>Removes the records of keys that end with their owner's access or their organization's members: by whoever revokes, before anybody is told.</summary>
public sealed class KeysOfTheRevoked(ApiKeyRecords records) : IRevocationStep
{
    public async ValueTask<bool> CarryOutAsync(Revocation.Revocation revocation)
    {
        if (revocation.Scope is not (RevocationScope.Subject or RevocationScope.Membership or RevocationScope.Organization))
            return true;
        int found, gone;
        do
        {
            if (await records.ConcernedAsync(revocation, CancellationToken.None) is not { } concerned)
                return false;
            (found, gone) = (concerned.Count, 0);
            var failed = 0;
            // A key that was made since is a new grant.
            await Parallel.ForEachAsync(concerned.Where(k => !(k.Record.Created > revocation.At) && EndedKeys.Concerns(revocation, k.Record)), ApiKeyRecords.AtOnce, async (key, _) =>
            {
                if (await records.RemoveAsync(key.Hash, key.Record, CancellationToken.None) == StoreWrite.Unavailable)
                    Interlocked.Increment(ref failed);
                else
                    Interlocked.Increment(ref gone);
            });
            if (failed > 0)
                return false;
        }
        while (found >= ApiKeyRecords.MostListed && gone > 0);
        return true;
    }
}
