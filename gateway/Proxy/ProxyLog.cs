namespace OrgGateway.Proxy;

public static partial class ProxyLog
{
    [LoggerMessage(1801, LogLevel.Warning, "Route {Route} is report-only: {Code} would have been answered, request {RequestId}", EventName = "ReportOnlyRefusal")]
    public static partial void ReportOnlyRefusal(this ILogger logger, string code, string route, string requestId);

    [LoggerMessage(1802, LogLevel.Warning, "The upstream of route {Route} tried to set a cookie of the gateway; the line was dropped", EventName = "UpstreamCookieDropped")]
    public static partial void UpstreamCookieDropped(this ILogger logger, string route);

    [LoggerMessage(1803, LogLevel.Error, "Request {RequestId} failed in the gateway", EventName = "RequestFailed")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string requestId);

    [LoggerMessage(1810, LogLevel.Error, "The upstream of route {Route} sent the injected token back in header {Header}; its answer was stopped, request {RequestId}", EventName = "TokenLeakStopped")]
    public static partial void TokenLeakStopped(this ILogger logger, string route, string header, string requestId);
}
