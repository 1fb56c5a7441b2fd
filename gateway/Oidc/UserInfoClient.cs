using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using OrgGateway.Jose;

namespace OrgGateway.Oidc;

/// <summary>Asks the UserInfo endpoint (Core §5.3). Its answer only adds to an ID Token, and only of the same subject.</summary>
public sealed class UserInfoClient(HttpClient backchannel, TimeProvider time, ILogger logger)
{
    private const string Json = "application/json";
    private const string Jwt = "application/jwt";

    /// <param name="subject">Of the ID Token: without one, nothing of the answer could be believed (Core §5.3.2).</param>
    /// <returns>The claims, or null when there is nothing of use; a sign-in does without.</returns>
    /// <param name="key">That the access token is bound to; null for a bearer token.</param>
    public async Task<JsonElement?> GetAsync(IdentityProvider provider, string accessToken, ProofKey? key, string subject, CancellationToken cancellationToken)
    {
        if (provider.Options.UserInfo is UserInfoUse.Off || subject.Length == 0
            || await provider.GetMetadataAsync(cancellationToken) is not { UserInfoEndpoint: { } endpoint })
            return null;

        var answer = await ProvedRequests.SendAsync(backchannel, provider, Request, key, accessToken, time, cancellationToken);
        var (claims, refusal) = answer switch
        {
            BackchannelAnswer.Failed(var reason) => (default, reason),
            BackchannelAnswer.Received { Status: not HttpStatusCode.OK } received => (default, $"status {(int)received.Status}"),
            BackchannelAnswer.Received received when provider.Options.UserInfoAlgorithm is { } algorithm => await SignedAsync(provider, received, algorithm, cancellationToken),
            BackchannelAnswer.Received received => Plain(received),
            _ => throw new UnreachableException(),
        };

        // Else another's claims could be put beside this user's token (token substitution, Core §16.11).
        if (refusal is null && Text(claims, "sub") != subject)
            refusal = "sub is not that of the ID Token";
        if (refusal is null)
            return claims;
        logger.UserInfoDiscarded(provider.Name, refusal);
        return null;

        HttpRequestMessage Request()
        {
            var request = new HttpRequestMessage(HttpMethod.Get, endpoint);
            request.Headers.Accept.Add(new(provider.Options.UserInfoAlgorithm is null ? Json : Jwt));
            // In the header alone: a query would end up in logs (RFC 6750 §2.3).
            request.Headers.Authorization = new(key is null ? "Bearer" : "DPoP", accessToken);
            return request;
        }
    }

    private static (JsonElement Claims, string? Refusal) Plain(BackchannelAnswer.Received received) =>
        !Json.Equals(received.MediaType, StringComparison.OrdinalIgnoreCase) ? (default, "not application/json")
        : received.TryReadObject(out var claims) ? (claims, null)
        : (default, "no JSON object");

    // Where signatures are agreed on, an answer without one is as good as forged. Its iss and aud keep it from being another
    // client's, or another issuer's with the same keys (Core §5.3.2).
    private static async Task<(JsonElement Claims, string? Refusal)> SignedAsync(
        IdentityProvider provider, BackchannelAnswer.Received received, string algorithm, CancellationToken cancellationToken)
    {
        if (!Jwt.Equals(received.MediaType, StringComparison.OrdinalIgnoreCase))
            return (default, "not application/jwt, though UserInfoAlgorithm is set");
        return await ProviderSignatures.VerifyAsync(provider, Encoding.UTF8.GetString(received.Body).Trim(), [algorithm], cancellationToken, provider.Options.MaxIdTokenLength) switch
        {
            JwsResult.Refused(var fault, _) => (default, $"signature: {fault}"),
            JwsResult.Valid(_, var claims) when Text(claims, "iss") != provider.Issuer => (default, "iss is another"),
            JwsResult.Valid(_, var claims) when !HasAudience(claims, provider.ClientId) => (default, "aud is without the client id"),
            JwsResult.Valid(_, var claims) => (claims, null),
            _ => (default, "the provider's keys are unavailable"),
        };
    }

    private static bool HasAudience(JsonElement claims, string clientId) => claims.TryGetProperty("aud", out var aud) && aud.ValueKind switch
    {
        JsonValueKind.String => aud.ValueEquals(clientId),
        JsonValueKind.Array => aud.EnumerateArray().Any(one => one.ValueKind is JsonValueKind.String && one.ValueEquals(clientId)),
        _ => false,
    };

    private static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
