namespace OrgGateway.Admin;

public static partial class AdminLog
{
    [LoggerMessage(2600, LogLevel.Warning, "A wrong management token from {Address}, at the {Place}", EventName = "AdminRefused")]
    public static partial void AdminRefused(this ILogger logger, string address, string place);

    [LoggerMessage(2601, LogLevel.Information, "Somebody at {Address} signed in to the console", EventName = "ConsoleSignedIn")]
    public static partial void ConsoleSignedIn(this ILogger logger, string address);

    [LoggerMessage(2602, LogLevel.Information, "At the console, page '{Page}': {Action}", EventName = "ConsoleActed")]
    public static partial void ConsoleActed(this ILogger logger, string page, string action);

    [LoggerMessage(2603, LogLevel.Information, "Admin call {Method} {Route}", EventName = "AdminCalled")]
    public static partial void AdminCalled(this ILogger logger, string method, string route);

    [LoggerMessage(2604, LogLevel.Error, "Audit events of a command could not be taken over", EventName = "CommandAuditFailed")]
    public static partial void CommandAuditFailed(this ILogger logger, Exception exception);
}
