using OrgGateway.Access;
using OrgGateway.ApiKeys;
using OrgGateway.Bearer;
using OrgGateway.Sealing;
using OrgGateway.Storage;

namespace OrgGateway.Sockets;

/// <summary>Asks of a program's open socket or stream whether its credential still counts.</summary>
public sealed class MachineAccess(BearerTokens bearers, ApiKeyRecords keys, LiveAccess access, TimeProvider clock)
{
    /// <returns>Why the connection must close; null where it may stay, or where that cannot be known right now.</returns>
    public async ValueTask<CloseReason?> CheckAsync(LiveConnection connection, CancellationToken cancellationToken)
    {
        if (connection.Token is not { } token)
            return connection.KeyId is { } id ? await CheckKeyAsync(id, cancellationToken) : null;
        return await bearers.CheckAsync(token.Value, cancellationToken) switch
        {
            BearerResult.Valid(var identity) => await access.DecideAsync(connection, new Caller(identity, null, token), cancellationToken),
            BearerResult.Refused => CloseReason.SessionEnded, // expired, or its issuer is trusted no more
            _ => null,
        };
    }

    private async ValueTask<CloseReason?> CheckKeyAsync(string id, CancellationToken cancellationToken)
    {
        var place = await keys.PlaceOfAsync(id, cancellationToken);
        if (place.Status == StoreStatus.Unavailable)
            return null;
        if (place.Value is null || Sha256Hash.TryParse(place.Value.Hash) is not { } hash)
            return CloseReason.SessionEnded;
        var read = await keys.ReadAsync(hash, cancellationToken);
        return read.Status == StoreStatus.Unavailable || read.Value?.Value is { Disabled: false } record && !(record.Expires <= clock.GetUtcNow()) ? null : CloseReason.SessionEnded;
    }
}
