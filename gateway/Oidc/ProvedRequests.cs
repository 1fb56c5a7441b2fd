using System.Net;

namespace OrgGateway.Oidc;

/// <summary>Requests to a provider with a proof of the key that tokens are bound to (DPoP, RFC 9449).</summary>
internal static class ProvedRequests
{
    /// <param name="request">Makes the request, anew for a second attempt.</param>
    /// <param name="key">Null for a request without a proof.</param>
    public static async Task<BackchannelAnswer> SendAsync(
        HttpClient backchannel, IdentityProvider provider, Func<HttpRequestMessage> request, Jose.ProofKey? key, string? accessToken, TimeProvider time,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var message = request();
            var nonce = provider.ProofNonces.GetValueOrDefault(message.RequestUri!);
            if (key is not null)
                message.Headers.Add("DPoP", key.Prove(message.Method, message.RequestUri!, accessToken, nonce, time.GetUtcNow()));
            var answer = await Backchannel.SendAsync(backchannel, message, provider.Options.BackchannelTimeout, time, cancellationToken);
            if (key is null || answer is not BackchannelAnswer.Received { ProofNonce: { } given } received)
                return answer;

            provider.ProofNonces[message.RequestUri!] = given;
            // Once more with the server's own nonce, if that is all it wants (RFC 9449 §8, §9): nothing was used up then.
            if (attempt > 1 || given == nonce || !WantsNonce(received))
                return answer;
        }
    }

    private static bool WantsNonce(BackchannelAnswer.Received received) =>
        received.Status is HttpStatusCode.Unauthorized && received.ProofNonceIsWanted
        || (received.Status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized && received.TryReadObject(out var body)
            && body.TryGetProperty("error", out var error) && error.ValueKind is System.Text.Json.JsonValueKind.String && error.ValueEquals("use_dpop_nonce"u8));
}
