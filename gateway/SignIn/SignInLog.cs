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

    [LoggerMessage(1605, LogLevel.Warning, "{Provider} granted no refresh token: sessions end with the access token. Scopes need offline_access, and the client has to be allowed it", EventName = "NoRefreshToken")]
    public static partial void NoRefreshToken(this ILogger logger, string provider);

    [LoggerMessage(1606, LogLevel.Error, "No login can begin: {Provider} does not answer or its metadata is refused", EventName = "ProviderUnavailable")]
    public static partial void ProviderUnavailable(this ILogger logger, string provider);

    [LoggerMessage(1610, LogLevel.Warning, "Somebody signed in by {Provider} came without an organization (no_organization_claim): looked for {Path}; {Remedy}", EventName = "NoOrganization")]
    public static partial void NoOrganization(this ILogger logger, string provider, string path, string remedy);

    [LoggerMessage(1611, LogLevel.Warning, "A browser came back for the same sign-in too often, request {RequestId}: its session does not stick", EventName = "SignInCircle")]
    public static partial void SignInCircle(this ILogger logger, string requestId);

    [LoggerMessage(1612, LogLevel.Warning, "A suggested login was refused, request {RequestId}: forged, out of its time, or of a provider that may not do this", EventName = "SuggestionRefused")]
    public static partial void SuggestionRefused(this ILogger logger, string requestId);

    [LoggerMessage(1613, LogLevel.Information, "An unsolicited callback of {Provider} begins a login of its own; its code is thrown away, request {RequestId}", EventName = "UnsolicitedCallback")]
    public static partial void UnsolicitedCallback(this ILogger logger, string provider, string requestId);

    [LoggerMessage(1614, LogLevel.Information, "A silent login for an organization at {Provider} begins again visibly: {Reason}, request {RequestId}", EventName = "SilentGrantEnded")]
    public static partial void SilentGrantEnded(this ILogger logger, string provider, string reason, string requestId);

    [LoggerMessage(1607, LogLevel.Warning, "Sign-out from a foreign page was not carried out, request {RequestId}", EventName = "ForeignLogout")]
    public static partial void ForeignLogout(this ILogger logger, string requestId);
}
