namespace OrgGateway.Sockets;

public static partial class SocketsLog
{
    [LoggerMessage(2400, LogLevel.Information, "Closed {Count} sockets and streams with {Code}: {Scope} revoked for {Reason}", EventName = "Revoked")]
    public static partial void ClosedForRevocation(this ILogger logger, int count, int code, Revocation.RevocationScope scope, string reason);

    [LoggerMessage(2401, LogLevel.Information, "Closed a socket or stream of route {Route} with {Code}: {Reason}", EventName = "Closed")]
    public static partial void ClosedAtRecheck(this ILogger logger, string route, int code, string reason);

    [LoggerMessage(2402, LogLevel.Warning, "Refused a socket of route {Route}: {Limit}", EventName = "Refused")]
    public static partial void SocketRefused(this ILogger logger, string route, string limit);

    [LoggerMessage(2403, LogLevel.Warning, "A socket of route {Route} was cut: the {Peer} sent what is no WebSocket frame", EventName = "Malformed")]
    public static partial void Malformed(this ILogger logger, string route, string peer);

    [LoggerMessage(2404, LogLevel.Information, "Shutting down: {Count} sockets and streams close with 1012", EventName = "Draining")]
    public static partial void Draining(this ILogger logger, int count);

    [LoggerMessage(2405, LogLevel.Error, "Checking open sockets failed; the next check tries again", EventName = "RecheckFailed")]
    public static partial void RecheckFailed(this ILogger logger, Exception exception);
}
