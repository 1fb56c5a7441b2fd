namespace OrgGateway.Demo.IdentityProvider;

internal static partial class IdentityProviderLog
{
    [LoggerMessage(9001, LogLevel.Warning, "Client {Client} answered a logout token with {Status}", EventName = "LogoutTokenRefused")]
    public static partial void LogoutTokenRefused(this ILogger logger, string client, int status);

    [LoggerMessage(9002, LogLevel.Warning, "Client {Client} could not be told of a logout: {Fault}", EventName = "LogoutTokenUndelivered")]
    public static partial void LogoutTokenUndelivered(this ILogger logger, string client, string fault);
}
