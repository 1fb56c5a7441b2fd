namespace OrgGateway.Orgs;

/// <summary>
/// Where an organization's own token comes from: <c>Gateway:Organizations:{slug}:Token</c>, or <c>Gateway:OrganizationTokens:Default</c>
/// for all. An entry of an organization that names no other source is laid over the default, so that it may hold a secret alone.
/// </summary>
public sealed class OrganizationTokenOptions
{
    /// <summary><c>ClientCredentials</c> (default), <c>KrakenGraphQl</c> or <c>Http</c>.</summary>
    public OrganizationTokenSource? Source { get; init; }

    /// <summary>ClientCredentials: the client that stands for the organization. Http: <c>{clientId}</c> of the templates.</summary>
    public string? ClientId { get; init; }

    /// <summary>ClientCredentials: the client's secret, sent as client_secret_basic.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>ClientCredentials: the scope asked for. Http: <c>{scope}</c> of the templates.</summary>
    public string? Scope { get; init; }

    /// <summary>ClientCredentials. Default: the token endpoint of the organization's identity provider.</summary>
    public string? TokenEndpoint { get; init; }

    /// <summary>KrakenGraphQl: URL of the GraphQL API that has <c>obtainKrakenToken</c>.</summary>
    public string? Endpoint { get; init; }

    /// <summary>KrakenGraphQl: the organization's secret key.</summary>
    public string? OrganizationSecretKey { get; init; }

    /// <summary>KrakenGraphQl: renew with the refresh token first and use the secret key only when that fails. Default true.</summary>
    public bool? UseRefreshToken { get; init; }

    /// <summary>
    /// KrakenGraphQl: shared key that lets requests with this token name their caller's address (<c>x-kraken-client-ip</c>), so that the
    /// gateway's one address is not throttled for all. Default none: no such header.
    /// </summary>
    public string? ClientAddressKey { get; init; }

    /// <summary>Http: where to send the request; <c>{org}</c>, <c>{slug}</c>, <c>{secret}</c>, <c>{clientId}</c>, <c>{scope}</c> are put in, percent-encoded, behind the host only.</summary>
    public string? Url { get; init; }

    /// <summary>Http: GET, POST (default) or PUT.</summary>
    public string? Method { get; init; }

    /// <summary>Http: headers, with the same names put in as they are. <c>Content-Type</c> says how the body's are encoded; default <c>application/json</c>.</summary>
    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>Http: the body, with the same names put in as JSON text or, for a form, percent-encoded. Default none.</summary>
    public string? Body { get; init; }

    /// <summary>Http: <c>{secret}</c> of the templates.</summary>
    public string? Secret { get; init; }

    /// <summary>Http: JSON Pointer (RFC 6901) of the token in the answer. Default <c>/access_token</c>.</summary>
    public string? TokenPointer { get; init; }

    /// <summary>
    /// Http: JSON Pointer of its end: seconds from now, seconds since 1970, or an ISO 8601 time. Default <c>/expires_in</c>; where the
    /// answer has none, the token's own <c>exp</c>, else 5 minutes.
    /// </summary>
    public string? ExpiryPointer { get; init; }

    /// <summary>Longest wait for one answer of the issuer. 100 milliseconds to 1 minute; default 5 seconds, for ClientCredentials the provider's BackchannelTimeout.</summary>
    public TimeSpan? Timeout { get; init; }

    public OrganizationTokenSource EffectiveSource => Source ?? OrganizationTokenSource.ClientCredentials;

    /// <summary>These settings with those of <paramref name="standard"/> where they say nothing; another source inherits nothing.</summary>
    public OrganizationTokenOptions Over(OrganizationTokenOptions? standard) => standard is null || (Source is { } own && own != standard.EffectiveSource) ? this : new()
    {
        Source = standard.EffectiveSource,
        ClientId = ClientId ?? standard.ClientId,
        ClientSecret = ClientSecret ?? standard.ClientSecret,
        Scope = Scope ?? standard.Scope,
        TokenEndpoint = TokenEndpoint ?? standard.TokenEndpoint,
        Endpoint = Endpoint ?? standard.Endpoint,
        OrganizationSecretKey = OrganizationSecretKey ?? standard.OrganizationSecretKey,
        UseRefreshToken = UseRefreshToken ?? standard.UseRefreshToken,
        ClientAddressKey = ClientAddressKey ?? standard.ClientAddressKey,
        Url = Url ?? standard.Url,
        Method = Method ?? standard.Method,
        Headers = Headers.Count > 0 ? Headers : standard.Headers,
        Body = Body ?? standard.Body,
        Secret = Secret ?? standard.Secret,
        TokenPointer = TokenPointer ?? standard.TokenPointer,
        ExpiryPointer = ExpiryPointer ?? standard.ExpiryPointer,
        Timeout = Timeout ?? standard.Timeout,
    };

    public override string ToString() => $"{EffectiveSource} (secrets hidden)";
}
