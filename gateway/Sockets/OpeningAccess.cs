using OrgGateway.Revocation;

namespace OrgGateway.Sockets;

/// <summary>
/// Asks once more when a socket or stream has just been registered: a revocation may have come between the decision and the
/// registration, and then finds nothing to close (T139).
/// </summary>
public sealed class OpeningAccess(LiveAccess access, MachineAccess machines, Revocations revocations)
{
    /// <summary>Longer than a handshake takes. Without a revocation a key's socket costs the store nothing.</summary>
    private static readonly TimeSpan Recently = TimeSpan.FromMinutes(1);

    /// <returns>Why the connection must close; null where it may stay.</returns>
    public async ValueTask<CloseReason?> CheckAsync(LiveConnection connection, CancellationToken cancellationToken) =>
        connection.SessionId is not null ? await access.CheckAsync(connection, cancellationToken)
        : connection.Token is not null || (connection.KeyId is not null && revocations.HasHeardWithin(Recently)) ? (await machines.CheckAsync(connection, cancellationToken)).Why
        : null;
}
