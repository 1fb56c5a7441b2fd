using OrgGateway.Access;
using OrgGateway.ApiKeys;
using OrgGateway.Bearer;
using OrgGateway.Sealing;
using OrgGateway.Sessions;
using OrgGateway.Storage;

namespace OrgGateway.Sockets;

/// <summary>Asks of a program's open socket or stream whether its credential still counts.</summary>
public sealed class MachineAccess(BearerTokens bearers, ApiKeyRecords keys, LiveAccess access, SteadyClock clock)
{
    public async ValueTask<MachineStanding> CheckAsync(LiveConnection connection, CancellationToken cancellationToken)
    {
        if (connection.Token is not { } token)
            return connection.KeyId is { } id ? await CheckKeyAsync(id, cancellationToken) : MachineStanding.Good;
        return await bearers.CheckAsync(token.Value, cancellationToken) switch
        {
            BearerResult.Valid(var identity) => new(true, await access.DecideAsync(connection, new Caller(identity, null, token), cancellationToken)),
            BearerResult.Refused { Fault: BearerFault.Expired or BearerFault.NotYetValid } when clock.IsInDoubt => MachineStanding.Unknown,
            BearerResult.Refused => MachineStanding.Ended, // expired or revoked, or its issuer is trusted no more
            _ => MachineStanding.Unknown,
        };
    }

    private async ValueTask<MachineStanding> CheckKeyAsync(string id, CancellationToken cancellationToken)
    {
        var place = await keys.PlaceOfAsync(id, cancellationToken);
        if (place.Status == StoreStatus.Unavailable)
            return MachineStanding.Unknown;
        if (place.Value is null || Sha256Hash.TryParse(place.Value.Hash) is not { } hash)
            return MachineStanding.Ended;
        var read = await keys.ReadAsync(hash, cancellationToken);
        return read.Status == StoreStatus.Unavailable ? MachineStanding.Unknown
            : read.Value?.Value is { Disabled: false } record && !(record.Expires <= clock.GetUtcNow()) ? MachineStanding.Good
            : MachineStanding.Ended;
    }
}

/// <summary>What is known of a program's credential.</summary>
/// <param name="IsKnown">False while the store, or the token's issuer, cannot be asked.</param>
/// <param name="Why">Why the connection must close; null where it may stay.</param>
public readonly record struct MachineStanding(bool IsKnown, CloseReason? Why)
{
    public static MachineStanding Unknown => default;
    public static MachineStanding Good => new(true, null);
    public static MachineStanding Ended => new(true, CloseReason.SessionEnded);
}
