namespace OrgGateway.Hosting;

public static partial class HostingLog
{
    [LoggerMessage(1000, LogLevel.Information, "OrgGateway {Version} on {Urls}, public origin {Origin}, store {Store}", EventName = "Started")]
    public static partial void Started(this ILogger logger, string version, string urls, string origin, string store);

    [LoggerMessage(1001, LogLevel.Information, "Redirect URI to register at {Provider}: {RedirectUri}", EventName = "RedirectUri")]
    public static partial void RedirectUri(this ILogger logger, string provider, string redirectUri);

    [LoggerMessage(1002, LogLevel.Warning, "Configuration: {Warning}", EventName = "ConfigurationWarning")]
    public static partial void ConfigurationWarning(this ILogger logger, string warning);

    [LoggerMessage(1003, LogLevel.Information, "Configuration reloaded: {Routes} routes, {Organizations} organizations", EventName = "Reloaded")]
    public static partial void Reloaded(this ILogger logger, int routes, int organizations);

    [LoggerMessage(1005, LogLevel.Error, "A request to the management listener failed", EventName = "ManagementFailed")]
    public static partial void ManagementFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1004, LogLevel.Error, "Configuration not reloaded, the running one stays: {Fault}", EventName = "ReloadRefused")]
    public static partial void ReloadRefused(this ILogger logger, string fault);
}
