namespace OrgGateway.Oidc;

/// <summary>Nothing that a provider or browser sent stands in a message, but for codes and names from fixed lists.</summary>
internal static partial class OidcLog
{
    [LoggerMessage(1500, LogLevel.Information, "Metadata of identity provider {Provider} loaded, issuer {Issuer}", EventName = "MetadataLoaded")]
    public static partial void MetadataLoaded(this ILogger logger, string provider, string issuer);

    [LoggerMessage(1501, LogLevel.Error, "Metadata of identity provider {Provider} refused: {Reason}", EventName = "MetadataRefused")]
    public static partial void MetadataRefused(this ILogger logger, string provider, string reason);

    [LoggerMessage(1502, LogLevel.Warning, "Metadata of identity provider {Provider} cannot be had: {Reason}", EventName = "MetadataUnavailable")]
    public static partial void MetadataUnavailable(this ILogger logger, string provider, string reason);

    [LoggerMessage(1503, LogLevel.Information, "{Count} keys of identity provider {Provider} loaded", EventName = "KeysLoaded")]
    public static partial void KeysLoaded(this ILogger logger, string provider, int count);

    [LoggerMessage(1504, LogLevel.Warning, "Keys of identity provider {Provider} cannot be had: {Reason}", EventName = "KeysUnavailable")]
    public static partial void KeysUnavailable(this ILogger logger, string provider, string reason);

    [LoggerMessage(1510, LogLevel.Warning, "Token request refused by {Provider} with status {Status}: {Error}", EventName = "TokenRequestRefused")]
    public static partial void TokenRequestRefused(this ILogger logger, string provider, int status, string error);

    [LoggerMessage(1511, LogLevel.Warning, "Token endpoint of {Provider} unavailable: {Reason}", EventName = "TokenEndpointUnavailable")]
    public static partial void TokenEndpointUnavailable(this ILogger logger, string provider, string reason);

    [LoggerMessage(1520, LogLevel.Warning, "ID Token of identity provider {Provider} refused: {Reason}", EventName = "IdTokenRefused")]
    public static partial void IdTokenRefused(this ILogger logger, string provider, string reason);

    [LoggerMessage(1521, LogLevel.Warning, "ID Token of identity provider {Provider} not checked: no keys to check it with", EventName = "IdTokenUnchecked")]
    public static partial void IdTokenUnchecked(this ILogger logger, string provider);

    [LoggerMessage(1522, LogLevel.Warning, "ID Token that identity provider {Provider} gave with a refresh is left aside: {Reason}. The session goes on with the claims it has; look at this machine's clock", EventName = "IdTokenUntimely")]
    public static partial void IdTokenUntimely(this ILogger logger, string provider, string reason);

    [LoggerMessage(1530, LogLevel.Warning, "UserInfo of identity provider {Provider} discarded: {Reason}", EventName = "UserInfoDiscarded")]
    public static partial void UserInfoDiscarded(this ILogger logger, string provider, string reason);

    [LoggerMessage(1540, LogLevel.Error, "{Provider} takes pushed authorization requests only: set Gateway:IdentityProviders:{Provider}:PushedAuthorization to Auto", EventName = "PushedAuthorizationIsOff")]
    public static partial void PushedAuthorizationIsOff(this ILogger logger, string provider);

    [LoggerMessage(1541, LogLevel.Error, "Gateway:IdentityProviders:{Provider}:PushedAuthorization is Require, and the provider has no pushed_authorization_request_endpoint", EventName = "PushedAuthorizationIsMissing")]
    public static partial void PushedAuthorizationIsMissing(this ILogger logger, string provider);

    [LoggerMessage(1542, LogLevel.Warning, "Pushed authorization request to {Provider} failed with status {Status} (0: no answer). Where the provider does not offer it to this client, set Gateway:IdentityProviders:{Provider}:PushedAuthorization to Off", EventName = "PushedAuthorizationFailed")]
    public static partial void PushedAuthorizationFailed(this ILogger logger, string provider, int status);

    [LoggerMessage(1543, LogLevel.Warning, "A token of a finished session was not revoked at {Provider}: {Reason}", EventName = "TokenNotRevoked")]
    public static partial void TokenNotRevoked(this ILogger logger, string provider, string reason);
}
