using System.Net;
using System.Text.Json;
using OrgGateway.Jose;
using OrgGateway.Oidc;

namespace OrgGateway.Inlets;

/// <summary>A configured transmitter of security events, with its keys.</summary>
public sealed class Transmitter
{
    private static readonly TimeSpan Cooldown = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private readonly TransmitterOptions _options;
    private readonly HttpClient _backchannel;
    private readonly TimeProvider _time;
    private readonly ILogger<Transmitter> _logger;
    private readonly ProviderKeys _keys;
    private readonly JwsPolicy _policy;

    public Transmitter(string name, TransmitterOptions options, IdentityProvider subjects, HttpClient backchannel, TimeProvider time, ILogger<Transmitter> logger)
    {
        (Name, _options, Subjects, _backchannel, _time, _logger) = (name, options, subjects, backchannel, time, logger);
        _keys = new(FetchAsync, Cooldown, time);
        // The type is what tells an event from an ID Token signed with the same key (RFC 8417 §4.5).
        _policy = new(options.EffectiveAlgorithms.ToHashSet(StringComparer.Ordinal)) { Types = new HashSet<string> { "secevent+jwt" } };
    }

    public string Name { get; }
    public string Issuer => _options.Issuer;
    public string Audience => _options.Audience;

    /// <summary>The provider whose subjects it may speak of, and no other's.</summary>
    public IdentityProvider Subjects { get; }

    /// <returns>Null when its keys cannot be had.</returns>
    public async Task<JwsResult?> VerifyAsync(string token, CancellationToken cancellationToken)
    {
        if (await _keys.GetAsync(cancellationToken) is not { } keys)
            return null;
        var result = Jws.Verify(token, keys, _policy);
        if (result is not JwsResult.Refused(JwsFault.UnknownKey, var kid))
            return result;
        return await _keys.RefetchAsync(kid, cancellationToken) is { } rotated ? Jws.Verify(token, rotated, _policy) : null;
    }

    private async Task<JsonWebKeySet?> FetchAsync()
    {
        if (await JwksUrlAsync() is not { } url || await GetAsync(url) is not { } body)
            return null;
        if (JsonWebKeySet.TryParse(body) is { Keys.Count: > 0 } keys)
            return keys;
        _logger.TransmitterKeysUnavailable(Name, "no key set with a key of use");
        return null;
    }

    private async Task<Uri?> JwksUrlAsync()
    {
        if (_options.JwksUrl is { } given)
            return new Uri(given);
        // SSF 1.0 §7.1: between host and path, as in RFC 8414.
        var issuer = new Uri(Issuer);
        var document = new Uri(issuer.GetLeftPart(UriPartial.Authority) + "/.well-known/ssf-configuration" + issuer.AbsolutePath.TrimEnd('/'));
        if (await GetAsync(document) is not { } body)
            return null;
        if (StrictJson.TryParseObject(body, out var members)
            && members.TryGetProperty("issuer", out var iss) && iss.ValueKind == JsonValueKind.String && iss.GetString() == Issuer
            && members.TryGetProperty("jwks_uri", out var jwks) && jwks.ValueKind == JsonValueKind.String
            && Uri.TryCreate(jwks.GetString(), UriKind.Absolute, out var url) && (url.Scheme == "https" || (url.Scheme == "http" && issuer.Scheme == "http")))
            return url;
        _logger.TransmitterKeysUnavailable(Name, "its configuration document is that of another issuer, or without jwks_uri");
        return null;
    }

    private async Task<byte[]?> GetAsync(Uri url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.Add(new("application/json"));
        switch (await Backchannel.SendAsync(_backchannel, request, Timeout, _time, CancellationToken.None))
        {
            case BackchannelAnswer.Received { Status: HttpStatusCode.OK } received:
                return received.Body;
            case var answer:
                _logger.TransmitterKeysUnavailable(Name, answer is BackchannelAnswer.Received { Status: var status } ? $"status {(int)status}" : "no answer");
                return null;
        }
    }
}
