namespace OrgGateway.Storage;

public static partial class StorageLog
{
    [LoggerMessage(1200, LogLevel.Error, "The store does not answer ({Failure}); copies in this process serve until it does", EventName = "StoreUnavailable")]
    public static partial void StoreUnavailable(this ILogger logger, string failure);

    [LoggerMessage(1201, LogLevel.Information, "The store answers again", EventName = "StoreAnswersAgain")]
    public static partial void StoreAnswersAgain(this ILogger logger);

    [LoggerMessage(1202, LogLevel.Warning, "Subscription to {Channel} waits for the store ({Failure})", EventName = "SubscriptionPending")]
    public static partial void SubscriptionPending(this ILogger logger, string channel, string failure);
}
