namespace OrgGateway.Limits;

public static partial class LimitsLog
{
    [LoggerMessage(2100, LogLevel.Warning, "The store cannot count limit {Limit} and others; meanwhile: {Choice}", EventName = "StoreCannotCount")]
    public static partial void StoreCannotCount(this ILogger logger, string limit, StoreDownChoice choice);
}
