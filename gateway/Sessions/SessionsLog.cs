namespace OrgGateway.Sessions;

public static partial class SessionsLog
{
    [LoggerMessage(1300, LogLevel.Warning, "A session sealed for this gateway is of another issuer or client ({Provider}); treated as none", EventName = "ForeignSession")]
    public static partial void ForeignSession(this ILogger logger, string provider);

    [LoggerMessage(1301, LogLevel.Information, "Session ended: {Reason}", EventName = "SessionEnded")]
    public static partial void SessionEnded(this ILogger logger, SessionEnd reason);

    [LoggerMessage(1302, LogLevel.Error, "A session could not be read ({Failure})", EventName = "SessionReadFailed")]
    public static partial void SessionReadFailed(this ILogger logger, string failure);
}
