namespace OrgGateway.Sessions;

public static partial class SessionsLog
{
    [LoggerMessage(1300, LogLevel.Warning, "A session sealed for this gateway is of another issuer or client ({Provider}); treated as none", EventName = "ForeignSession")]
    public static partial void ForeignSession(this ILogger logger, string provider);

    [LoggerMessage(1301, LogLevel.Information, "Session ended: {Reason}", EventName = "SessionEnded")]
    public static partial void SessionEnded(this ILogger logger, string reason);

    [LoggerMessage(1302, LogLevel.Error, "A session could not be read ({Failure})", EventName = "SessionReadFailed")]
    public static partial void SessionReadFailed(this ILogger logger, string failure);

    [LoggerMessage(1303, LogLevel.Warning, "The store does not take the end of sessions ({Reason}); it holds in this process and is tried again until it does", EventName = "RevocationWaits")]
    public static partial void RevocationWaits(this ILogger logger, string reason);

    [LoggerMessage(1304, LogLevel.Information, "{Count} ends and revocations that waited for the store are carried through", EventName = "RevocationsCarriedThrough")]
    public static partial void RevocationsCarriedThrough(this ILogger logger, int count);

    [LoggerMessage(1305, LogLevel.Information, "Revoked by {Scope} for {Reason}: {Count} sessions", EventName = "Revoked")]
    public static partial void Revoked(this ILogger logger, Revocation.RevocationScope scope, string reason, int count);

    [LoggerMessage(1306, LogLevel.Warning, "This machine's clock was set by {By}. Sessions end by the time that passes until it has stayed so for ten minutes; look at this machine's clock", EventName = "ClockSet")]
    public static partial void ClockSet(this ILogger logger, TimeSpan by);
}
