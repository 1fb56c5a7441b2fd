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
            foreach (var (hash, record) in concerned)
            {
                // A key that was made since is a new grant.
                if (record.Created > revocation.At || !EndedKeys.Concerns(revocation, record))
                    continue;
                if (await records.RemoveAsync(hash, record, CancellationToken.None) == StoreWrite.Unavailable)
                    return false;
                gone++;
            }
        }
        while (found >= ApiKeyRecords.MostListed && gone > 0);
        return true;
    }
}
