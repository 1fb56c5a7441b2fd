using System.Net;
using System.Text.Json;

namespace OrgGateway.Oidc;

/// <summary>Asks the UserInfo endpoint (Core §5.3). Its answer only adds to an ID Token, and only of the same subject.</summary>
public sealed class UserInfoClient(HttpClient backchannel, TimeProvider time, ILogger logger)
{
    /// <param name="subject">Of the ID Token: without one, nothing of the answer could be believed (Core §5.3.2).</param>
    /// <returns>The claims, or null when there is nothing of use; a sign-in does without.</returns>
    public async Task<JsonElement?> GetAsync(IdentityProvider provider, string accessToken, string subject, CancellationToken cancellationToken)
    {
        if (provider.Options.UserInfo is UserInfoUse.Off || subject.Length == 0
            || await provider.GetMetadataAsync(cancellationToken) is not { UserInfoEndpoint: { } endpoint })
            return null;

        using var request = new HttpRequestMessage(HttpMethod.Get, endpoint);
        request.Headers.Accept.Add(new("application/json"));
        // In the header alone: a query would end up in logs (RFC 6750 §2.3).
        request.Headers.Authorization = new("Bearer", accessToken);

        var answer = await Backchannel.SendAsync(backchannel, request, provider.Options.BackchannelTimeout, time, cancellationToken);
        if (Refusal(answer, subject, out var claims) is not { } refusal)
            return claims;
        logger.UserInfoDiscarded(provider.Name, refusal);
        return null;
    }

    private static string? Refusal(BackchannelAnswer answer, string subject, out JsonElement claims)
    {
        claims = default;
        return answer switch
        {
            BackchannelAnswer.Failed(var reason) => reason,
            BackchannelAnswer.Received { Status: not HttpStatusCode.OK } received => $"status {(int)received.Status}",
            // Signed answers (application/jwt) are not read in this version.
            BackchannelAnswer.Received received when !"application/json".Equals(received.MediaType, StringComparison.OrdinalIgnoreCase) => "not application/json",
            BackchannelAnswer.Received received when !received.TryReadObject(out claims) => "no JSON object",
            // Else another's claims could be put beside this user's token (token substitution, Core §16.11).
            _ when !claims.TryGetProperty("sub", out var sub) || sub.ValueKind is not JsonValueKind.String || sub.GetString() != subject => "sub is not that of the ID Token",
            _ => null,
        };
    }
}
