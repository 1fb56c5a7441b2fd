using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrgGateway.Oidc;

/// <summary>
/// A provider's own way to a token for one organization: a request with the session's token, which names the organization in a JSON body
/// (Descope's tenant selection, Stytch's session exchange).
/// </summary>
public sealed class MintEndpoint(HttpClient backchannel, TimeProvider time, ILogger logger)
{
    public async Task<TokenAnswer> SelectAsync(IdentityProvider provider, string accessToken, string organization, CancellationToken cancellationToken)
    {
        var (options, mint) = (provider.Options, provider.Options.Mint);
        var sent = time.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, mint.Endpoint);
        request.Headers.Accept.Add(new("application/json"));
        request.Headers.Authorization = new("Bearer", mint.WithClientId ? options.ClientId + ":" + accessToken : accessToken);
        request.Content = new StringContent(new JsonObject { [mint.Parameter] = organization }.ToJsonString(), Encoding.UTF8, "application/json");
        switch (await Backchannel.SendAsync(backchannel, request, options.BackchannelTimeout, time, cancellationToken))
        {
            case BackchannelAnswer.Received { Status: HttpStatusCode.OK } received when received.TryReadObject(out var body) && Text(body, mint.TokenPath) is { } token && !token.AsSpan().ContainsAnyExceptInRange('!', '~'):
                var life = ClaimPath.Find(body, "expires_in") is { ValueKind: JsonValueKind.Number } seconds && seconds.TryGetDouble(out var number) && number > 0 && number < 31536000 ? TimeSpan.FromSeconds(number) : options.DefaultTokenLifetime;
                return new TokenAnswer.Granted(new() { AccessToken = token, TokenType = "Bearer", Expires = sent + life });
            case BackchannelAnswer.Received { Status: >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError and not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests) } refused:
                var error = refused.TryReadObject(out var problem) ? Text(problem, "error") : null;
                logger.TokenRequestRefused(provider.Name, (int)refused.Status, mint.RequireReauthOn?.Contains(error ?? "") == true ? error! : "other");
                return new TokenAnswer.Refused(mint.RequireReauthOn?.Contains(error ?? "") == true ? error! : "other");
            case BackchannelAnswer.Received unavailable:
                logger.TokenEndpointUnavailable(provider.Name, $"status {(int)unavailable.Status} of the organization endpoint");
                return new TokenAnswer.Unavailable(unavailable.RetryAfter);
            case BackchannelAnswer.Failed(var reason):
                logger.TokenEndpointUnavailable(provider.Name, reason);
                return new TokenAnswer.Unavailable(null);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static string? Text(JsonElement body, string path) =>
        ClaimPath.Find(body, path) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } text ? text : null;
}
