using System.Text.Json;
using Microsoft.Extensions.Primitives;
using OrgGateway.Jose;
using OrgGateway.Oidc;

namespace OrgGateway.SignIn;

/// <summary>
/// A login that the provider suggests by a signed token (<c>idp_initiated_login</c>). The token says where people want to sign in and
/// proves nobody: a login of our own begins, with its own state (S29).
/// </summary>
public sealed class IdpInitiatedLogin(IdentityProviders providers, TimeProvider clock)
{
    public const string Parameter = "idp_initiated_login";
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(10);

    /// <returns>Null for a token that is forged, out of its time, or of a provider that may not do this.</returns>
    public async Task<LoginRequest?> ReadAsync(string token, string origin, CancellationToken cancellationToken)
    {
        // Read before it is believed, only to choose whose keys must have signed it.
        if (!Jws.TryReadUnverified(token, out _, out var unverified) || Text(unverified, "iss") is not { } issuer
            || providers.All.FirstOrDefault(one => one.IsIssuer(issuer)) is not { Options.IdpInitiatedLogin: true } provider
            || await provider.GetMetadataAsync(cancellationToken) is not { } metadata || metadata.Issuer != issuer
            || await VerifyAsync(provider, token, cancellationToken) is not JwsResult.Valid(_, var claims) || !IsInTime(claims, provider.Options.ClockSkew))
            return null;
        // A token for another client of the provider is none for this one; products that leave the audience out are taken.
        if (claims.TryGetProperty("aud", out var aud) && !Audiences(aud).Contains(provider.ClientId, StringComparer.Ordinal))
            return null;
        var parameters = new Dictionary<string, StringValues>(StringComparer.Ordinal)
        {
            ["iss"] = issuer,
            ["org"] = Text(claims, "organization_id"),
            ["connection"] = Text(claims, "connection_id"),
            ["login_hint"] = Text(claims, "login_hint"),
            ["target_link_uri"] = Text(claims, "relay_state"),
        };
        return LoginRequest.Read(name => parameters.GetValueOrDefault(name), origin);
    }

    private static async Task<JwsResult?> VerifyAsync(IdentityProvider provider, string token, CancellationToken cancellationToken)
    {
        // No shared secret: whoever could make such a token with it could do so without the provider.
        var policy = new JwsPolicy(provider.Options.EffectiveIdTokenAlgorithms().Where(algorithm => !algorithm.StartsWith("HS", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal));
        if (await provider.GetKeysAsync(cancellationToken) is not { } keys)
            return null;
        var result = Jws.Verify(token, keys, policy);
        return result is JwsResult.Refused(JwsFault.UnknownKey, var kid) && await provider.RefetchKeysAsync(kid, cancellationToken) is { } rotated
            ? Jws.Verify(token, rotated, policy)
            : result;
    }

    private bool IsInTime(JsonElement claims, TimeSpan skew)
    {
        var now = clock.GetUtcNow();
        return Time(claims, "exp") is { } exp && exp > now - skew && exp <= now + LongestLife + skew
            && (!claims.TryGetProperty("nbf", out _) || Time(claims, "nbf") <= now + skew)
            && (!claims.TryGetProperty("iat", out _) || Time(claims, "iat") <= now + skew);
    }

    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is > 0 and < 253402300799
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : null;

    private static IEnumerable<string?> Audiences(JsonElement aud) => aud.ValueKind switch
    {
        JsonValueKind.String => [aud.GetString()],
        JsonValueKind.Array => aud.EnumerateArray().Select(one => one.ValueKind is JsonValueKind.String ? one.GetString() : null),
        _ => [],
    };

    private static string? Text(JsonElement claims, string name) =>
        claims.ValueKind is JsonValueKind.Object && claims.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
