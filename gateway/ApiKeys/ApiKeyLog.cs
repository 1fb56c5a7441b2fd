namespace OrgGateway.ApiKeys;

public static partial class ApiKeyLog
{
    [LoggerMessage(2200, LogLevel.Error, "Revoked API keys could not be removed from the store", EventName = "KeysNotRemoved")]
    public static partial void KeysNotRemoved(this ILogger logger, Exception exception);
}
