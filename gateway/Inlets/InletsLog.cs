namespace OrgGateway.Inlets;

public static partial class InletsLog
{
    [LoggerMessage(3200, LogLevel.Warning, "A message at {Inlet} was refused: {Reason} (request {RequestId})", EventName = "InletRefused")]
    public static partial void InletRefused(this ILogger logger, string inlet, string reason, string requestId);

    [LoggerMessage(3201, LogLevel.Warning, "Keys of the transmitter {Transmitter} cannot be had: {Reason}", EventName = "TransmitterKeysUnavailable")]
    public static partial void TransmitterKeysUnavailable(this ILogger logger, string transmitter, string reason);

    [LoggerMessage(3202, LogLevel.Information, "Claims of {Count} sessions are read again, as the transmitter {Transmitter} says they changed", EventName = "ClaimsStale")]
    public static partial void ClaimsStale(this ILogger logger, int count, string transmitter);
}
