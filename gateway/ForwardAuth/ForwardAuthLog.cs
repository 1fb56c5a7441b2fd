namespace OrgGateway.ForwardAuth;

public static partial class ForwardAuthLog
{
    [LoggerMessage(2900, LogLevel.Warning, "Forward-auth was asked by an address that is not among Gateway:TrustedProxies, request {RequestId}", EventName = "ForwardAuthStranger")]
    public static partial void StrangerAsked(this ILogger logger, string requestId);
}
