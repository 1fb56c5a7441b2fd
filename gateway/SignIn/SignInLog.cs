namespace OrgGateway.SignIn;

public static partial class SignInLog
{
    [LoggerMessage(1600, LogLevel.Information, "Signed in by {Provider}, request {RequestId}", EventName = "SignedIn")]
    public static partial void SignedIn(this ILogger logger, string provider, string requestId);

    [LoggerMessage(1601, LogLevel.Warning, "Callback refused: no state of this browser, request {RequestId}", EventName = "StateRefused")]
    public static partial void StateRefused(this ILogger logger, string requestId);

    [LoggerMessage(1602, LogLevel.Warning, "Callback of {Provider} refused: {Reason}, request {RequestId}", EventName = "CallbackRefused")]
    public static partial void CallbackRefused(this ILogger logger, string provider, string reason, string requestId);

    [LoggerMessage(1603, LogLevel.Warning, "{Provider} answered a login with {Error}, request {RequestId}", EventName = "ProviderRefused")]
    public static partial void ProviderRefused(this ILogger logger, string provider, string error, string requestId);

    [LoggerMessage(1604, LogLevel.Error, "Login at {Provider} failed after the callback: {Reason}, request {RequestId}", EventName = "ExchangeFailed")]
    public static partial void ExchangeFailed(this ILogger logger, string provider, string reason, string requestId);

    [LoggerMessage(1605, LogLevel.Warning, "{Provider} granted no refresh token though offline_access was asked for: sessions end with the access token", EventName = "NoRefreshToken")]
    public static partial void NoRefreshToken(this ILogger logger, string provider);

    [LoggerMessage(1606, LogLevel.Error, "No login can begin: {Provider} does not answer or its metadata is refused", EventName = "ProviderUnavailable")]
    public static partial void ProviderUnavailable(this ILogger logger, string provider);

    [LoggerMessage(1607, LogLevel.Warning, "Sign-out from a foreign page was not carried out, request {RequestId}", EventName = "ForeignLogout")]
    public static partial void ForeignLogout(this ILogger logger, string requestId);
}
