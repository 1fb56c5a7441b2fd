using System.Text.Json;

namespace OrgGateway.Inlets;

/// <summary>A security event token that holds: what happened, to whom (RFC 8417, RFC 9493, CAEP 1.0).</summary>
/// <param name="Subject">Of the provider that the transmitter speaks of; null where only a session is named.</param>
/// <param name="SessionId">The provider's <c>sid</c>, where a session is named.</param>
public sealed record SecurityEvent(string Id, string? Subject, string? SessionId, bool RevokesSession, bool ChangesClaims)
{
    private const string SessionRevoked = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
    private const string TokenClaimsChange = "https://schemas.openid.net/secevent/caep/event-type/token-claims-change";
    private const int LongestText = 255;

    /// <summary>How long after it was issued an event still counts: deliveries are tried again for hours (RFC 8935 §2).</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(1);

    /// <param name="isIssuer">Whether an issuer is that of the provider whose subjects are meant.</param>
    public static SecurityEvent? Read(JsonElement claims, Transmitter transmitter, DateTimeOffset now, Func<string, bool> isIssuer, out string refusal)
    {
        var skew = TimeSpan.FromMinutes(1);
        var issued = Oidc.IdTokenClaims.Time(claims, "iat");
        refusal =
            Text(claims, "iss") != transmitter.Issuer ? "iss is another"
            : !HasAudience(claims, transmitter.Audience) ? "aud is another"
            // No access or ID Token may pass for an event, nor an event for one of them (SSF 1.0 §4.1.5 to §4.1.7).
            : claims.TryGetProperty("exp", out _) ? "there is an exp"
            : claims.TryGetProperty("sub", out _) ? "there is a sub"
            : Text(claims, "jti") is null ? "jti is missing"
            : issued is null || issued > now + skew || issued < now - MaxAge ? "iat is missing, ahead or too old"
            : claims.TryGetProperty("events", out var members) && members.ValueKind == JsonValueKind.Object ? ""
            : "events is missing";
        if (refusal.Length > 0)
            return null;
        var happened = claims.GetProperty("events");
        var revokes = happened.TryGetProperty(SessionRevoked, out _);
        var changes = happened.TryGetProperty(TokenClaimsChange, out _);
        if (!revokes && !changes)
            return new(Text(claims, "jti")!, null, null, false, false); // of no interest here, or a stream's verification: received, and that is all
        if (claims.TryGetProperty("sub_id", out var subject) && ReadSubject(subject, isIssuer) is { } who)
            return new(Text(claims, "jti")!, who.Subject, who.SessionId, revokes, changes);
        refusal = "sub_id names nobody of this provider (iss_sub, opaque, or complex of user and session)";
        return null;
    }

    private static (string? Subject, string? SessionId)? ReadSubject(JsonElement subject, Func<string, bool> isIssuer)
    {
        if (subject.ValueKind != JsonValueKind.Object)
            return null;
        if (Text(subject, "format") != "complex")
            return ReadUser(subject, isIssuer) is { } id ? (id, null) : null;
        var user = subject.TryGetProperty("user", out var userPart) ? ReadUser(userPart, isIssuer) : null;
        var sid = subject.TryGetProperty("session", out var session) && session.ValueKind == JsonValueKind.Object && Text(session, "format") == "opaque" ? Text(session, "id") : null;
        // A part that is there and names nobody must not widen what the others name.
        return (user is null && subject.TryGetProperty("user", out _)) || (sid is null && subject.TryGetProperty("session", out _)) || (user is null && sid is null) ? null : (user, sid);
    }

    private static string? ReadUser(JsonElement subject, Func<string, bool> isIssuer) => subject.ValueKind != JsonValueKind.Object ? null : Text(subject, "format") switch
    {
        "iss_sub" => Text(subject, "iss") is { } iss && isIssuer(iss) ? Text(subject, "sub") : null,
        "opaque" => Text(subject, "id"),
        _ => null,
    };

    private static bool HasAudience(JsonElement claims, string audience) => claims.TryGetProperty("aud", out var aud) && aud.ValueKind switch
    {
        JsonValueKind.String => aud.GetString() == audience,
        JsonValueKind.Array => aud.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.GetString() == audience),
        _ => false,
    };

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= LongestText } text ? text : null;
}
