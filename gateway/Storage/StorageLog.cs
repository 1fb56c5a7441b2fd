namespace OrgGateway.Storage;

public static partial class StorageLog
{
    [LoggerMessage(1200, LogLevel.Error, "The store does not answer ({Failure}); copies in this process serve until it does", EventName = "StoreUnavailable")]
    public static partial void StoreUnavailable(this ILogger logger, string failure);

    [LoggerMessage(1201, LogLevel.Information, "The store answers again", EventName = "StoreAnswersAgain")]
    public static partial void StoreAnswersAgain(this ILogger logger);

    [LoggerMessage(1202, LogLevel.Warning, "The subscription to the store's messages is broken ({Failure}); copies are kept for a moment only until it is restored", EventName = "SubscriptionBroken")]
    public static partial void SubscriptionBroken(this ILogger logger, string failure);

    [LoggerMessage(1203, LogLevel.Information, "The store's messages come in again", EventName = "SubscriptionRestored")]
    public static partial void SubscriptionRestored(this ILogger logger);

    [LoggerMessage(1204, LogLevel.Warning, "The sentinels name {Now} as the primary: connections to {Before} are cut", EventName = "PrimaryLeft")]
    public static partial void PrimaryLeft(this ILogger logger, string before, string now);
}
