using System.Diagnostics;
using System.Net;
using System.Text.Json;
using OrgGateway.Jose;
using OrgGateway.Oidc;

namespace OrgGateway.Bearer;

/// <summary>The keys of one bearer issuer: fixed, from one URL, or by way of its discovery document; never used for another's tokens (T77).</summary>
internal sealed class IssuerKeys
{
    private readonly string _name;
    private readonly BearerIssuerOptions _options;
    private readonly HttpClient _backchannel;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly JsonWebKeySet? _fixed;
    private readonly ProviderKeys? _fetched;
    private volatile string _issuer;

    public IssuerKeys(string name, BearerIssuerOptions options, HttpClient backchannel, TimeProvider time, ILogger logger)
    {
        (_name, _options, _backchannel, _time, _logger) = (name, options, backchannel, time, logger);
        _issuer = options.Issuer;
        _fixed = options.KeySetFile is not null ? options.KeySet() ?? throw new InvalidDataException($"{options.KeySetFile} is no key set any more") : null;
        if (_fixed is null && options.Secret is null)
            _fetched = new(FetchAsync, options.KeyRefetchCooldown, time);
    }

    /// <summary>What <c>iss</c> must be: as configured, or as the discovery document writes it, which may differ by a slash at the end.</summary>
    public string Issuer => _issuer;

    /// <param name="kid">Of the token; a shared secret goes under whatever name the token has for it.</param>
    /// <returns>Null when there never were any.</returns>
    public ValueTask<JsonWebKeySet?> GetAsync(string? kid, CancellationToken cancellationToken) =>
        _fixed is not null ? new(_fixed)
        : _fetched is not null ? new(_fetched.GetAsync(cancellationToken))
        : new(new JsonWebKeySet([JsonWebKey.FromSymmetric(_options.SecretBytes(), kid)]));

    /// <summary>For a token whose key is not there: at most one fetch per cooldown, however many such tokens come (T104).</summary>
    public ValueTask<JsonWebKeySet?> RefetchAsync(string? kid, CancellationToken cancellationToken) =>
        _fetched is null ? GetAsync(kid, cancellationToken) : _fetched.RefetchAsync(kid, cancellationToken);

    private async Task<JsonWebKeySet?> FetchAsync()
    {
        if (await KeySetUrlAsync() is not { } url)
            return null;
        switch (await GetAsync(url))
        {
            case BackchannelAnswer.Received { Status: HttpStatusCode.OK } received when JsonWebKeySet.TryParse(received.Body) is { Keys.Count: > 0 } keys:
                _logger.BearerKeysLoaded(_name, keys.Keys.Count);
                return keys;
            case var answer:
                _logger.BearerKeysUnavailable(_name, answer is BackchannelAnswer.Received { Status: HttpStatusCode.OK } ? "no key set with a key of use" : Reason(answer));
                return null;
        }
    }

    private async Task<Uri?> KeySetUrlAsync()
    {
        if (_options.JwksUrl is not null)
            return new(_options.JwksUrl);
        var issuer = _options.Issuer.EndsWith('/') ? _options.Issuer[..^1] : _options.Issuer;
        var answer = await GetAsync(new Uri(issuer + "/.well-known/openid-configuration"));
        if (answer is not BackchannelAnswer.Received { Status: HttpStatusCode.OK } received || !received.TryReadObject(out var document))
            _logger.BearerKeysUnavailable(_name, "discovery: " + (answer is BackchannelAnswer.Received { Status: HttpStatusCode.OK } ? "no JSON object" : Reason(answer)));
        // A document counts only for the issuer it was fetched of (Discovery §4.3); the last slash alone is forgiven.
        else if (Text(document, "issuer") is not { } stated || !ProviderMetadata.SameButForSlash(stated, _options.Issuer))
            _logger.BearerKeysUnavailable(_name, "discovery: the document is another issuer's");
        else if (!Uri.TryCreate(Text(document, "jwks_uri"), UriKind.Absolute, out var url) || !IsSafe(url))
            _logger.BearerKeysUnavailable(_name, "discovery: no jwks_uri that may be used");
        else
        {
            _issuer = stated;
            return url;
        }
        return null;
    }

    // Plain http goes only as far as the issuer's own does.
    private bool IsSafe(Uri url) => url.UserInfo.Length == 0
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && new Uri(_options.Issuer) is { Scheme: "http" } issuer && (url.IsLoopback || !issuer.IsLoopback)));

    private async Task<BackchannelAnswer> GetAsync(Uri url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.Add(new("application/json"));
        return await Backchannel.SendAsync(_backchannel, request, _options.BackchannelTimeout, _time, CancellationToken.None);
    }

    private static string Reason(BackchannelAnswer answer) => answer switch
    {
        BackchannelAnswer.Failed(var reason) => reason,
        BackchannelAnswer.Received { Status: var status } => $"status {(int)status}",
        _ => throw new UnreachableException(),
    };

    private static string? Text(JsonElement document, string name) =>
        document.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
