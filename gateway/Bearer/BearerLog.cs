namespace OrgGateway.Bearer;

/// <summary>Names of configured issuers and our own words; nothing of a token.</summary>
internal static partial class BearerLog
{
    [LoggerMessage(2300, LogLevel.Information, "{Count} keys of bearer issuer {Issuer} loaded", EventName = "BearerKeysLoaded")]
    public static partial void BearerKeysLoaded(this ILogger logger, string issuer, int count);

    [LoggerMessage(2301, LogLevel.Warning, "Keys of bearer issuer {Issuer} cannot be had: {Reason}", EventName = "BearerKeysUnavailable")]
    public static partial void BearerKeysUnavailable(this ILogger logger, string issuer, string reason);

    [LoggerMessage(2302, LogLevel.Debug, "Token of bearer issuer {Issuer} refused: {Fault}", EventName = "BearerRefused")]
    public static partial void BearerRefused(this ILogger logger, string? issuer, BearerFault fault);
}
