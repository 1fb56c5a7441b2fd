using System.Text.Json;
using OrgGateway.Jose;

namespace OrgGateway.Bearer;

/// <summary>The claims of a token whose signature is right, and the rules they must keep (RFC 9068 §4, RFC 8725).</summary>
internal sealed class BearerClaims(JsonElement claims, BearerIssuerOptions options)
{
    private const int LongestSubject = 255;

    // Marks of tokens made for another purpose: a sign-in's proof, or a notice (Core §2, Back-Channel Logout §2.4, RFC 8417).
    private static readonly string[] ForeignMarks = ["nonce", "at_hash", "c_hash", "s_hash", "events", "toe"];

    public DateTimeOffset Expires { get; } = Time(claims, "exp") ?? default;

    public DateTimeOffset Issued { get; } = Time(claims, "iat") ?? default;

    public string Subject => Text("sub")!;

    public string? Acr => Text("acr");

    public DateTimeOffset? AuthenticatedAt => Time(claims, "auth_time");

    /// <summary>A client that got the token for itself (RFC 9068 §2.2: <c>sub</c> is then the client).</summary>
    public bool IsClientsOwn => Text("sub") is { } sub
        && (sub == Text("client_id") || sub == Text("azp") || sub == Text("appid") || Text("gty") is "client-credentials");

    /// <returns>What is wrong, or null.</returns>
    public BearerFault? Fault(JwsHeader header, string issuer, DateTimeOffset now)
    {
        if (Text("iss") != issuer)
            return BearerFault.UnknownIssuer;
        if (!IsAccessToken(header.Typ))
            return BearerFault.WrongKind;
        if (!HasAudience())
            return BearerFault.WrongAudience;
        return Times(now) ?? (Subject is { Length: > 0 and <= LongestSubject } ? null : BearerFault.ClaimMissing);
    }

    private BearerFault? Times(DateTimeOffset now)
    {
        if (Time(claims, "exp") is not { } exp || Time(claims, "iat") is not { } iat)
            return BearerFault.ClaimMissing;
        if (exp <= now - options.ClockSkew)
            return BearerFault.Expired;
        if (iat > now + options.ClockSkew || (claims.TryGetProperty("nbf", out _) && !(Time(claims, "nbf") <= now + options.ClockSkew)))
            return BearerFault.NotYetValid;
        return exp - iat > options.MaxTokenAge ? BearerFault.TooLongLived : null;
    }

    private bool IsAccessToken(string? typ)
    {
        if (Is(typ, "at+jwt"))
            return true;
        if (options.RequireAccessTokenType || (typ is not null && !Is(typ, "JWT")))
            return false;
        // Untyped issuers tell by claims: Keycloak's "typ", Cognito's "token_use".
        return !Array.Exists(ForeignMarks, mark => claims.TryGetProperty(mark, out _))
            && Text("typ") is not ("ID" or "Refresh" or "Offline" or "Logout")
            && Text("token_use") is not "id";
    }

    // One of several is enough: an access token may serve several resources (RFC 9068 §4). Compared exactly, slash and case (T92).
    private bool HasAudience()
    {
        var wanted = options.EffectiveAudiences();
        if (!claims.TryGetProperty("aud", out var aud))
            return false;
        return aud.ValueKind switch
        {
            JsonValueKind.String => wanted.Contains(aud.GetString(), StringComparer.Ordinal),
            JsonValueKind.Array => aud.EnumerateArray().Any(one => one.ValueKind is JsonValueKind.String && wanted.Contains(one.GetString(), StringComparer.Ordinal)),
            _ => false,
        };
    }

    private static bool Is(string? typ, string name) => typ is not null
        && (typ.Equals(name, StringComparison.OrdinalIgnoreCase) || typ.Equals("application/" + name, StringComparison.OrdinalIgnoreCase));

    private string? Text(string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    /// <returns>Null when there is none, or it is no NumericDate that a clock could show (RFC 7519 §2).</returns>
    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var seconds)
        && seconds >= 0 && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
            : null;
}
