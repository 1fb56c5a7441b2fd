namespace OrgGateway.Replay;

public static partial class ReplayLog
{
    [LoggerMessage(3400, LogLevel.Information, "The upstream of route {Route} refused a token and took another one", EventName = "Replayed")]
    public static partial void Replayed(this ILogger logger, string route);

    [LoggerMessage(3401, LogLevel.Warning, "The upstream of route {Route} refuses fresh tokens too; none is renewed for it for a while", EventName = "ReplayCircuitOpened")]
    public static partial void ReplayCircuitOpened(this ILogger logger, string route);

    [LoggerMessage(3402, LogLevel.Error, "No other token for route {Route}", EventName = "RenewalForReplayFailed")]
    public static partial void RenewalForReplayFailed(this ILogger logger, Exception exception, string route);
}
