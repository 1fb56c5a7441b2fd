namespace OrgGateway.OrgTokens;

public static partial class OrgTokensLog
{
    [LoggerMessage(3300, LogLevel.Information, "Token of organization {Org} minted, expires {Expires}", EventName = "OrganizationTokenMinted")]
    public static partial void OrganizationTokenMinted(this ILogger logger, string org, DateTimeOffset expires);

    [LoggerMessage(3301, LogLevel.Error, "No token for organization {Org}: {Reason}", EventName = "OrganizationTokenFailed")]
    public static partial void OrganizationTokenFailed(this ILogger logger, string org, string reason);

    [LoggerMessage(3302, LogLevel.Critical, "The credentials of organization {Org} for {Source} are refused ({Code}); nobody asks again until they are changed or a refresh is asked for", EventName = "OrganizationTokenRefused")]
    public static partial void OrganizationTokenRefused(this ILogger logger, string org, string source, string code);

    [LoggerMessage(3303, LogLevel.Warning, "The refresh token of organization {Org} is of no use ({Code}); its secret is asked", EventName = "RefreshTokenOfNoUse")]
    public static partial void RefreshTokenOfNoUse(this ILogger logger, string org, string code);

    [LoggerMessage(3304, LogLevel.Error, "Renewing the token of organization {Org} failed unexpectedly", EventName = "RenewalFailed")]
    public static partial void RenewalFailed(this ILogger logger, Exception exception, string org);

    [LoggerMessage(3305, LogLevel.Error, "Looking after the organizations' tokens failed unexpectedly", EventName = "UpkeepFailed")]
    public static partial void UpkeepFailed(this ILogger logger, Exception exception);
}
