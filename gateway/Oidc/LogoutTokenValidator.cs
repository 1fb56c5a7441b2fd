using System.Diagnostics;
using System.Text.Json;
using OrgGateway.Jose;

namespace OrgGateway.Oidc;

/// <summary>Validates logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.6): signed as ID Tokens are, and told apart from them.</summary>
public sealed class LogoutTokenValidator(IdentityProviders providers, TimeProvider time)
{
    /// <summary>How long after it was made a logout token is accepted; beyond, it is a replay from somebody's log (§2.6).</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(5);

    private const string LogoutEvent = "http://schemas.openid.net/event/backchannel-logout";
    private const int LongestText = 255;

    public async Task<LogoutTokenResult> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        // Believed only to choose the issuer whose keys then check it; several clients of one issuer are told apart by aud.
        if (!Jws.TryReadUnverified(token, out _, out var unverified) || Text(unverified, "iss") is not { } iss)
            return new LogoutTokenResult.Refused("it is no JWT with an issuer");
        if (providers.All.FirstOrDefault(p => p.IsIssuer(iss) && HasAudience(unverified, p.ClientId)) is not { } provider)
            return new LogoutTokenResult.Refused("iss and aud are not those of a configured provider");
        if (await provider.GetMetadataAsync(cancellationToken) is not { } metadata || await ProviderSignatures.VerifyAsync(provider, token, provider.Options.EffectiveIdTokenAlgorithms(), cancellationToken) is not { } verified)
            return new LogoutTokenResult.Unavailable();
        return verified switch
        {
            JwsResult.Refused(var fault, _) => new LogoutTokenResult.Refused($"signature: {fault}"),
            JwsResult.Valid(var header, _) when !IsLogoutType(header.Typ, provider.Options.RequireLogoutTokenType) => new LogoutTokenResult.Refused("typ is that of another kind of token"),
            JwsResult.Valid(_, var claims) => Judge(claims, metadata.Issuer, provider),
            _ => throw new UnreachableException(),
        };
    }

    private LogoutTokenResult Judge(JsonElement claims, string issuer, IdentityProvider provider)
    {
        var (now, skew) = (time.GetUtcNow(), provider.Options.ClockSkew);
        var (subject, sid) = (Text(claims, "sub"), Text(claims, "sid"));
        var refusal =
            Text(claims, "iss") != issuer ? "iss is another"
            : !HasAudience(claims, provider.ClientId) ? "aud is without the client id"
            : IdTokenClaims.Time(claims, "iat") is not { } issued ? "iat is missing"
            : issued > now + skew ? "iat is ahead"
            : issued < now - skew - MaxAge ? "iat is too old"
            : IdTokenClaims.Time(claims, "exp") is not { } expires ? "exp is missing"
            : expires <= now - skew ? "exp is past"
            : Text(claims, "jti") is null ? "jti is missing"
            // What tells it apart from an ID Token, both ways (§2.4).
            : claims.TryGetProperty("nonce", out _) ? "there is a nonce"
            : !IsLogoutEvent(claims) ? "events are without that of a logout"
            : subject is null && sid is null ? "neither sub nor sid"
            : IsBroken(claims, "sub", subject) || IsBroken(claims, "sid", sid) ? "sub or sid is no text of 1 to 255 characters"
            : null;
        return refusal is not null
            ? new LogoutTokenResult.Refused(refusal)
            : new LogoutTokenResult.Valid(new(issuer, subject, sid, Text(claims, "jti")!, IdTokenClaims.Time(claims, "iat")!.Value + MaxAge + skew + skew));
    }

    // Untyped or "JWT" is what most providers send; the registered type can be required of those that send it (§2.4).
    private static bool IsLogoutType(string? typ, bool required) => typ switch
    {
        null => !required,
        _ when Is(typ, "logout+jwt") => true,
        _ => !required && Is(typ, "JWT"),
    };

    private static bool Is(string typ, string name) =>
        typ.Equals(name, StringComparison.OrdinalIgnoreCase) || typ.Equals("application/" + name, StringComparison.OrdinalIgnoreCase);

    private static bool IsLogoutEvent(JsonElement claims) =>
        claims.TryGetProperty("events", out var events) && events.ValueKind == JsonValueKind.Object
        && events.TryGetProperty(LogoutEvent, out var logout) && logout.ValueKind == JsonValueKind.Object;

    private static bool IsBroken(JsonElement claims, string name, string? text) => text is null && claims.TryGetProperty(name, out _);

    private static bool HasAudience(JsonElement claims, string clientId) => claims.TryGetProperty("aud", out var aud) && aud.ValueKind switch
    {
        JsonValueKind.String => aud.GetString() == clientId,
        JsonValueKind.Array => aud.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.GetString() == clientId),
        _ => false,
    };

    private static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= LongestText } text ? text : null;
}
