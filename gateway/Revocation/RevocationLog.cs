namespace OrgGateway.Revocation;

public static partial class RevocationLog
{
    [LoggerMessage(2500, LogLevel.Warning, "A revocation message did not open or is of another version; copies age out instead", EventName = "ForeignRevocation")]
    public static partial void ForeignMessage(this ILogger logger);

    [LoggerMessage(2501, LogLevel.Warning, "More than {Most} revocations are remembered for tokens: tokens issued before the oldest of them are refused, whoever's they are", EventName = "TooManyCutoffs")]
    public static partial void TooManyCutoffs(this ILogger logger, int most);

    [LoggerMessage(2502, LogLevel.Error, "Revocations could not be read for tokens", EventName = "CutoffsNotRead")]
    public static partial void CutoffsNotRead(this ILogger logger, Exception exception);
}
