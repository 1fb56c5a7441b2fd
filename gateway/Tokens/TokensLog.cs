namespace OrgGateway.Tokens;

public static partial class TokensLog
{
    [LoggerMessage(1700, LogLevel.Debug, "Session refreshed at {Provider}", EventName = "SessionRefreshed")]
    public static partial void SessionRefreshed(this ILogger logger, string provider);

    [LoggerMessage(1701, LogLevel.Warning, "Refresh at {Provider} refused: {Error}", EventName = "RefreshRefused")]
    public static partial void RefreshRefused(this ILogger logger, string provider, string error);

    [LoggerMessage(1702, LogLevel.Warning, "Refresh at {Provider} had no usable answer; the session is kept", EventName = "RefreshUnavailable")]
    public static partial void RefreshUnavailable(this ILogger logger, string provider);

    [LoggerMessage(1703, LogLevel.Warning, "The ID token of a refresh at {Provider} was refused ({Reason}); the session ends", EventName = "RefreshedIdTokenRefused")]
    public static partial void RefreshedIdTokenRefused(this ILogger logger, string provider, string reason);

    [LoggerMessage(1704, LogLevel.Error, "Refreshed tokens of a session at {Provider} could not be stored", EventName = "RefreshNotStored")]
    public static partial void RefreshNotStored(this ILogger logger, string provider);

    [LoggerMessage(1705, LogLevel.Warning, "A process went while it refreshed a session at {Provider}; the refresh token is not presented again and the session ends", EventName = "RefreshInterrupted")]
    public static partial void RefreshInterrupted(this ILogger logger, string provider);

    [LoggerMessage(1720, LogLevel.Warning, "No user token for organization {Org} at {Provider}: {Error}", EventName = "OrganizationGrantRefused")]
    public static partial void OrganizationGrantRefused(this ILogger logger, string org, string provider, string error);

    [LoggerMessage(1721, LogLevel.Error, "{Provider} gave a token for another organization than {Org}; it is thrown away", EventName = "TokenOfAnotherOrganization")]
    public static partial void TokenOfAnotherOrganization(this ILogger logger, string org, string provider);

    [LoggerMessage(1722, LogLevel.Error, "{Provider} refused a token exchange: {Error}", EventName = "ExchangeRefused")]
    public static partial void ExchangeRefused(this ILogger logger, string provider, string error);

    [LoggerMessage(1712, LogLevel.Error, "A refresh or mint failed unexpectedly", EventName = "TokenWorkFailed")]
    public static partial void TokenWorkFailed(this ILogger logger, Exception exception);
}
