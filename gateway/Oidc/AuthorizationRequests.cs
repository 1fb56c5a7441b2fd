using System.Net;
using System.Text.Json;

namespace OrgGateway.Oidc;

/// <summary>
/// Makes the URL of an authorization request: with its parameters, or with a reference to what was pushed beforehand (RFC 9126),
/// so that nobody on the way through the browser reads or changes them.
/// </summary>
public sealed class AuthorizationRequests(HttpClient backchannel, TimeProvider time, ILogger logger)
{
    private const int LongestReference = 1024;

    public async Task<AuthorizationUrl> UrlAsync(
        IdentityProvider provider, ProviderMetadata metadata, IReadOnlyCollection<KeyValuePair<string, string>> parameters, CancellationToken cancellationToken)
    {
        var setting = provider.Options.PushedAuthorization;
        if (setting is PushedAuthorizationUse.Off && metadata.RequiresPushedAuthorization)
        {
            logger.PushedAuthorizationIsOff(provider.Name);
            return new AuthorizationUrl.Refused();
        }
        if (setting is PushedAuthorizationUse.Off || (setting is PushedAuthorizationUse.Auto && metadata.PushedAuthorizationEndpoint is null))
            return new AuthorizationUrl.Ready(With(metadata.AuthorizationEndpoint, parameters));
        if (metadata.PushedAuthorizationEndpoint is not { } endpoint)
        {
            logger.PushedAuthorizationIsMissing(provider.Name);
            return new AuthorizationUrl.Refused();
        }

        // Once pushed is always pushed: to fall back when it fails would let whoever makes it fail choose the weaker way.
        using var request = provider.Client.Request(endpoint, parameters.Where(p => p.Key != "client_id" || provider.Client.Method == ClientAuthentication.Basic));
        var answer = await Backchannel.SendAsync(backchannel, request, provider.Options.BackchannelTimeout, time, cancellationToken);
        if (ReferenceOf(answer) is { } reference)
            return new AuthorizationUrl.Ready(With(metadata.AuthorizationEndpoint, [new("client_id", provider.ClientId), new("request_uri", reference)]));

        var status = answer is BackchannelAnswer.Received received ? (int)received.Status : 0;
        logger.PushedAuthorizationFailed(provider.Name, status);
        return status is >= 400 and < 500 and not (408 or 429) ? new AuthorizationUrl.Refused() : new AuthorizationUrl.Unavailable();
    }

    // RFC 9126 §2.2. The life of the reference is not ours to keep: the browser goes there at once.
    private static string? ReferenceOf(BackchannelAnswer answer) =>
        answer is BackchannelAnswer.Received { Status: HttpStatusCode.Created or HttpStatusCode.OK } received && received.TryReadObject(out var body)
        && body.TryGetProperty("request_uri", out var reference) && reference.ValueKind is JsonValueKind.String
        && reference.GetString() is { Length: > 0 and <= LongestReference } text && !text.AsSpan().ContainsAnyExceptInRange('!', '~') ? text : null;

    private static string With(Uri endpoint, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var query = QueryString.Create(parameters!).ToUriComponent();
        return endpoint.Query.Length > 0 ? endpoint.AbsoluteUri + "&" + query[1..] : endpoint.AbsoluteUri + query;
    }
}
