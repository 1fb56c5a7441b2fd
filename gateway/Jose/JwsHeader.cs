using System.Text.Json;

namespace OrgGateway.Jose;

/// <summary>
/// The members of a JOSE header that are used at all (RFC 7515 §4.1). Not among them are "jku", "x5u", "jwk" and "x5c": a key in the token
/// itself, or a place to fetch one, is the sender's word for the sender (RFC 8725 §3.10). Honest providers write them too, so they are ignored.
/// </summary>
public sealed record JwsHeader(string Alg, string? Kid, string? Typ)
{
    /// <summary>A longer kid names no key: key ids are compared, never stored or fetched, and still bound here.</summary>
    internal const int MaxKidLength = 256;

    internal static JwsHeader? TryParse(ReadOnlySpan<byte> utf8Json, out JwsFault fault)
    {
        fault = JwsFault.Malformed;
        if (!StrictJson.TryParseObject(utf8Json, out var members))
            return null;

        string? alg = null, kid = null, typ = null;
        foreach (var member in members.EnumerateObject())
        {
            if (IsForbidden(member.Name))
            {
                fault = JwsFault.ForbiddenHeader;
                return null;
            }

            var isString = member.Value.ValueKind is JsonValueKind.String;
            switch (member.Name)
            {
                case "alg" when isString:
                    alg = member.Value.GetString();
                    break;
                case "kid" when isString:
                    kid = member.Value.GetString();
                    break;
                case "typ" when isString:
                    typ = member.Value.GetString();
                    break;
                case "alg" or "kid" or "typ":
                    return null;
            }
        }

        return alg is null || kid?.Length > MaxKidLength ? null : new(alg, kid, typ);
    }

    private static bool IsForbidden(string name) => name switch
    {
        // Extensions that must be understood, and none is (RFC 7515 §4.1.11); b64 would change what was signed
        // (RFC 7797), zip would inflate what was sent.
        "crit" or "b64" or "zip" => true,
        _ => false,
    };
}
