namespace OrgGateway.Webhooks;

public static partial class WebhookLog
{
    [LoggerMessage(2800, LogLevel.Warning, "Delivery {Id} of {Type} failed, attempt {Attempt}: {Reason}", EventName = "WebhookFailed")]
    public static partial void WebhookFailed(this ILogger logger, string id, string type, int attempt, string reason);

    [LoggerMessage(2801, LogLevel.Error, "Delivery {Id} of {Type} was put aside after {Attempts} attempts", EventName = "WebhookPutAside")]
    public static partial void WebhookPutAside(this ILogger logger, string id, string type, int attempts);

    [LoggerMessage(2802, LogLevel.Error, "Deliveries stopped unexpectedly and go on with the next", EventName = "WebhookWorkFailed")]
    public static partial void WebhookWorkFailed(this ILogger logger, Exception exception);
}
