using System.Text.Json;

namespace OrgGateway.Oidc;

/// <summary>What a provider publishes of itself (OpenID Connect Discovery 1.0 §3), as far as it is used.</summary>
public sealed record ProviderMetadata
{
    private const int LongestUrl = 2048;

    public required string Issuer { get; init; }
    public required Uri AuthorizationEndpoint { get; init; }
    public required Uri TokenEndpoint { get; init; }
    public required Uri JwksUri { get; init; }
    public Uri? UserInfoEndpoint { get; init; }
    public Uri? EndSessionEndpoint { get; init; }
    public Uri? PushedAuthorizationEndpoint { get; init; }
    public Uri? RevocationEndpoint { get; init; }

    /// <summary>Takes pushed authorization requests and no others (RFC 9126 §5).</summary>
    public bool RequiresPushedAuthorization { get; init; }

    /// <summary>Its callbacks carry <c>iss</c> (RFC 9207 §3).</summary>
    public bool AnnouncesIss { get; init; }

    /// <summary>Null when the document does not say (RFC 8414 §2); holds S256 when it does.</summary>
    public IReadOnlyList<string>? CodeChallengeMethods { get; init; }

    /// <param name="configured">The issuer of the configuration, or the one pinned from an earlier document.</param>
    /// <param name="isPinned">Then nothing but the very same issuer will do.</param>
    /// <param name="refusal">Why there is none.</param>
    internal static ProviderMetadata? TryParse(JsonElement document, string configured, bool isPinned, out string refusal)
    {
        refusal = "";
        var issuer = Text(document, "issuer");

        // Anybody can publish a document that names another's endpoints: it counts only for the issuer it was fetched of
        // (Discovery §4.3, RFC 8414 §3.3). Operators mistype the last slash, so that alone is forgiven, once.
        if (issuer is null || (issuer != configured && (isPinned || !SameButForSlash(issuer, configured))))
        {
            refusal = issuer is null ? "no issuer in it" : $"it is that of another issuer than {configured}";
            return null;
        }

        if (Endpoint(document, "authorization_endpoint", configured) is not { } authorization)
            refusal = "no authorization_endpoint that may be used";
        else if (Endpoint(document, "token_endpoint", configured) is not { } token)
            refusal = "no token_endpoint that may be used";
        else if (Endpoint(document, "jwks_uri", configured) is not { } jwks)
            refusal = "no jwks_uri that may be used";
        else if (Methods(document) is { } methods && !methods.Contains("S256"))
            // No downgrade to plain or to none: then rather no sign-in at all (RFC 9700 §4.8).
            refusal = "code_challenge_methods_supported is without S256";
        else
            return new()
            {
                Issuer = issuer,
                AuthorizationEndpoint = authorization,
                TokenEndpoint = token,
                JwksUri = jwks,
                UserInfoEndpoint = Endpoint(document, "userinfo_endpoint", configured),
                EndSessionEndpoint = Endpoint(document, "end_session_endpoint", configured),
                PushedAuthorizationEndpoint = Endpoint(document, "pushed_authorization_request_endpoint", configured),
                RevocationEndpoint = Endpoint(document, "revocation_endpoint", configured),
                RequiresPushedAuthorization = Flag(document, "require_pushed_authorization_requests"),
                AnnouncesIss = Flag(document, "authorization_response_iss_parameter_supported"),
                CodeChallengeMethods = Methods(document),
            };
        return null;
    }

    internal static bool SameButForSlash(string one, string other) => WithoutSlash(one).SequenceEqual(WithoutSlash(other));

    private static ReadOnlySpan<char> WithoutSlash(string issuer) => issuer.EndsWith('/') ? issuer.AsSpan(0, issuer.Length - 1) : issuer;

    private static Uri? Endpoint(JsonElement document, string name, string issuer) =>
        Text(document, name) is { Length: <= LongestUrl } text && Uri.TryCreate(text, UriKind.Absolute, out var endpoint)
        && endpoint.UserInfo.Length == 0 && endpoint.Fragment.Length == 0 && IsSafe(endpoint, new Uri(issuer)) ? endpoint : null;

    // Plain http goes only as far as the configured issuer does: a document of a loopback issuer may name loopback, one of an
    // http issuer elsewhere (Development alone has these) may name others, and one of an https issuer may name https only.
    private static bool IsSafe(Uri endpoint, Uri issuer) =>
        endpoint.Scheme == Uri.UriSchemeHttps
        || (endpoint.Scheme == Uri.UriSchemeHttp && issuer.Scheme == Uri.UriSchemeHttp && (endpoint.IsLoopback || !issuer.IsLoopback));

    private static string[]? Methods(JsonElement document) =>
        document.TryGetProperty("code_challenge_methods_supported", out var methods) && methods.ValueKind is JsonValueKind.Array
            ? [.. methods.EnumerateArray().Where(method => method.ValueKind is JsonValueKind.String).Select(method => method.GetString()!)]
            : null;

    private static bool Flag(JsonElement document, string name) => document.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True;

    private static string? Text(JsonElement document, string name) =>
        document.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
