namespace OrgGateway.Revocation;

public static partial class RevocationLog
{
    [LoggerMessage(2500, LogLevel.Warning, "A revocation message did not open or is of another version; copies age out instead", EventName = "ForeignRevocation")]
    public static partial void ForeignMessage(this ILogger logger);
}
