using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using OrgGateway.Jose;

namespace OrgGateway.Oidc;

/// <summary>
/// Token requests (RFC 6749 §4.1.3, §6, §4.4.2). Each is sent once: a code or refresh token may have been used up by a request
/// that was never answered, and a second use looks like theft to the provider.
/// </summary>
public sealed class TokenClient(HttpClient backchannel, TimeProvider time, ILogger logger)
{
    private const string Other = "other";
    private const string AccessTokenType = "urn:ietf:params:oauth:token-type:access_token";
    private const string Bearer = "Bearer";
    private const string DPoP = "DPoP";
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(365);

    // RFC 6749 §5.2, RFC 8707 §2, and those of Core §3.1.2.6 that some providers answer here too.
    private static readonly string[] KnownErrors =
    [
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "invalid_target",
        "access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required", "sso_required", "mfa_enrollment",
    ];

    /// <param name="key">That the tokens are to be bound to; null for bearer tokens.</param>
    public Task<TokenAnswer> RedeemAsync(
        IdentityProvider provider, string code, string verifier, string redirectUri, ProofKey? key, CancellationToken cancellationToken) =>
        SendAsync(
            provider,
            [new("grant_type", "authorization_code"), new("code", code), new("redirect_uri", redirectUri), new("code_verifier", verifier)],
            key,
            cancellationToken);

    /// <param name="key">That the tokens are bound to; null for bearer tokens.</param>
    public Task<TokenAnswer> RefreshAsync(IdentityProvider provider, string refreshToken, ProofKey? key, CancellationToken cancellationToken) =>
        SendAsync(provider, [new("grant_type", "refresh_token"), new("refresh_token", refreshToken)], key, cancellationToken);

    /// <param name="parameters">What narrows the answer, such as an organization.</param>
    public Task<TokenAnswer> RefreshAsync(
        IdentityProvider provider, string refreshToken, KeyValuePair<string, string>[] parameters, ProofKey? key, CancellationToken cancellationToken) =>
        SendAsync(provider, [new("grant_type", "refresh_token"), new("refresh_token", refreshToken), .. parameters], key, cancellationToken);

    /// <summary>RFC 8693 §2.1: a user's token for one of another audience.</summary>
    public Task<TokenAnswer> ExchangeAsync(IdentityProvider provider, string accessToken, string audience, ProofKey? key, CancellationToken cancellationToken) =>
        SendAsync(
            provider,
            [
                new("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"), new("subject_token", accessToken),
                new("subject_token_type", AccessTokenType), new("requested_token_type", AccessTokenType), new("audience", audience),
            ],
            key,
            cancellationToken);

    /// <param name="clientSecret">Sent as client_secret_basic; null for a public client.</param>
    public Task<TokenAnswer> ClientCredentialsAsync(
        Uri endpoint, string clientId, string? clientSecret, string? scope, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var client = new ClientAuthentication(clientSecret is null ? ClientAuthentication.None : ClientAuthentication.Basic, clientId, clientSecret);
        List<KeyValuePair<string, string>> form = [new("grant_type", "client_credentials")];
        if (!string.IsNullOrEmpty(scope))
            form.Add(new("scope", scope));
        return SendAsync(client, endpoint, form, timeout, DefaultLifetime, endpoint.Host, cancellationToken);
    }

    private async Task<TokenAnswer> SendAsync(
        IdentityProvider provider, KeyValuePair<string, string>[] form, ProofKey? key, CancellationToken cancellationToken)
    {
        if (await provider.GetMetadataAsync(cancellationToken) is not { } metadata)
            return new TokenAnswer.Unavailable(null);

        var sent = time.GetUtcNow();
        var answer = await ProvedRequests.SendAsync(
            backchannel, provider, () => provider.Client.Request(metadata.TokenEndpoint, form), key, null, time, cancellationToken);
        return Read(answer, sent, provider.Options.DefaultTokenLifetime, key is null ? Bearer : DPoP, provider.Name);
    }

    private async Task<TokenAnswer> SendAsync(
        ClientAuthentication client, Uri endpoint, IEnumerable<KeyValuePair<string, string>> form, TimeSpan timeout, TimeSpan defaultLifetime, string provider,
        CancellationToken cancellationToken)
    {
        // Lifetimes count from before the request, so that a slow answer never makes a token seem to live longer than it does.
        var sent = time.GetUtcNow();
        using var request = client.Request(endpoint, form);
        return Read(await Backchannel.SendAsync(backchannel, request, timeout, time, cancellationToken), sent, defaultLifetime, Bearer, provider);
    }

    private TokenAnswer Read(BackchannelAnswer answered, DateTimeOffset sent, TimeSpan defaultLifetime, string type, string provider)
    {
        switch (answered)
        {
            case BackchannelAnswer.Failed failed:
                logger.TokenEndpointUnavailable(provider, failed.Reason);
                return new TokenAnswer.Unavailable(null) { Unreached = failed.Unreached };
            case BackchannelAnswer.Received received:
                var answer = Read(received, sent, defaultLifetime, type);
                Log(provider, received, answer);
                return answer;
            default:
                throw new UnreachableException();
        }
    }

    private static TokenAnswer Read(BackchannelAnswer.Received received, DateTimeOffset sent, TimeSpan defaultLifetime, string type)
    {
        var isObject = received.TryReadObject(out var body);
        if (received.Status is HttpStatusCode.OK && isObject)
            return ReadTokens(body, sent, defaultLifetime, type);

        // Some providers refuse a grant with 403 where RFC 6749 §5.2 has 400: an error member in any 4xx is a refusal. Overload is not.
        var mayRefuse = (int)received.Status is >= 400 and < 500 and not (408 or 425 or 429);
        if (mayRefuse && isObject && Text(body, "error") is { } error && error is not ("server_error" or "temporarily_unavailable"))
            return Refused(error);

        return new TokenAnswer.Unavailable(received.RetryAfter);
    }

    private static TokenAnswer.Refused Refused(string? error) => new(error is not null && KnownErrors.Contains(error) ? error : Other);

    private static TokenAnswer ReadTokens(JsonElement body, DateTimeOffset sent, TimeSpan defaultLifetime, string type)
    {
        // A token of another type than was asked for needs proofs that are not made, or is not bound though it was to be (RFC 6749 §7.1).
        // Visible characters alone: it becomes part of a header.
        if (Text(body, "access_token") is not { } accessToken || accessToken.AsSpan().ContainsAnyExceptInRange('!', '~')
            || Text(body, "token_type") is not { } tokenType || !tokenType.Equals(type, StringComparison.OrdinalIgnoreCase))
            return Refused(Text(body, "error"));

        return new TokenAnswer.Granted(new()
        {
            AccessToken = accessToken,
            TokenType = type,
            Expires = sent + (Lifetime(body, "expires_in") ?? defaultLifetime),
            RefreshToken = Text(body, "refresh_token"),
            RefreshTokenExpires = sent + (Lifetime(body, "refresh_token_expires_in") ?? Lifetime(body, "refresh_expires_in")),
            IdToken = Text(body, "id_token"),
            Scope = Text(body, "scope"),
        });
    }

    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    // Some providers send the number as a string. Zero and below mean "does not expire" to some: nothing here is endless.
    private static TimeSpan? Lifetime(JsonElement body, string name)
    {
        if (!body.TryGetProperty(name, out var value))
            return null;

        double seconds = 0;
        var isNumber = value.ValueKind is JsonValueKind.Number
            ? value.TryGetDouble(out seconds)
            : double.TryParse(Text(body, name), NumberStyles.Float, CultureInfo.InvariantCulture, out seconds);
        return isNumber && seconds > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, LongestLifetime.TotalSeconds)) : null;
    }

    private void Log(string provider, BackchannelAnswer.Received received, TokenAnswer answer)
    {
        if (answer is TokenAnswer.Refused(var error))
            logger.TokenRequestRefused(provider, (int)received.Status, error);
        else if (answer is TokenAnswer.Unavailable)
            logger.TokenEndpointUnavailable(provider, $"status {(int)received.Status} without an OAuth answer");
    }
}
