using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrgGateway.Jose;

namespace OrgGateway.Oidc;

/// <summary>The claims of an ID Token whose signature is right, and the rules they must keep.</summary>
internal sealed class IdTokenClaims(JsonElement claims, IdentityProviderOptions options, string issuer, DateTimeOffset now)
{
    // Core §2: at most 255 ASCII characters.
    private const int LongestSubject = 255;

    /// <returns>What is wrong, or null.</returns>
    public string? Refusal(string alg, IdTokenExpectation expected) =>
        Issuer() ?? Audience() ?? Times() ?? (IsNew(expected.Former) ? null : Clock()) ?? Subject(expected) ?? Kind() ?? Nonce(expected) ?? AccessTokenHash(alg, expected) ?? Authentication(expected);

    /// <returns>Why it does not hold at this moment, or null.</returns>
    public string? Clock()
    {
        var (exp, iat) = (Time(claims, "exp"), Time(claims, "iat"));
        if (exp <= now - options.ClockSkew)
            return "exp is past";
        if (claims.TryGetProperty("nbf", out _) && !(Time(claims, "nbf") <= now + options.ClockSkew))
            return "nbf is ahead";
        if (iat > now + options.ClockSkew)
            return "iat is ahead";
        if (Time(claims, "auth_time") > now + options.ClockSkew)
            return "auth_time is ahead";
        return iat < now - options.ClockSkew - options.MaxIdTokenAge ? "iat is too old" : null;
    }

    public static IdToken Token(string raw, JsonElement claims) => new()
    {
        Raw = raw,
        Subject = Text(claims, "sub")!,
        Expires = Time(claims, "exp")!.Value,
        IssuedAt = Time(claims, "iat")!.Value,
        AuthTime = Time(claims, "auth_time"),
        Acr = Text(claims, "acr"),
        SessionId = Text(claims, "sid"),
        Claims = claims,
    };

    // Times are whole seconds, a refresh may come within the second of the sign-in, and the clocks of a provider's machines differ a little.
    private bool IsNew(string? former) => former is not null && Jws.TryReadUnverified(former, out _, out var known, options.MaxIdTokenLength)
        && Time(claims, "iat") > Time(known, "iat") - TimeSpan.FromSeconds(1) - options.ClockSkew && claims.GetRawText() != known.GetRawText();

    private string? Issuer() => Text(claims, "iss") == issuer ? null : "iss is another";

    private string? Audience()
    {
        if (!claims.TryGetProperty("aud", out var aud))
            return "aud is missing";

        string?[] audiences = aud.ValueKind switch
        {
            JsonValueKind.String => [aud.GetString()],
            JsonValueKind.Array => [.. aud.EnumerateArray().Select(one => one.ValueKind is JsonValueKind.String ? one.GetString() : null)],
            _ => [],
        };
        if (!audiences.Contains(options.ClientId, StringComparer.Ordinal))
            return "aud is without the client id";
        // A token that others accept as well could have been taken from one of them (Core §3.1.3.7, item 3).
        if (audiences.Any(one => one is null || (one != options.ClientId && options.TrustedAudiences?.Contains(one, StringComparer.Ordinal) is not true)))
            return "aud has others that are not trusted";

        var hasAzp = claims.TryGetProperty("azp", out _);
        if (!hasAzp && audiences.Length > 1)
            return "azp is missing beside several audiences";
        return hasAzp && Text(claims, "azp") != options.ClientId ? "azp is another" : null;
    }

    private string? Times()
    {
        if (Time(claims, "exp") is null)
            return "exp is missing";
        return Time(claims, "iat") is null ? "iat is missing" : null;
    }

    private string? Subject(IdTokenExpectation expected)
    {
        if (Text(claims, "sub") is not { Length: > 0 and <= LongestSubject } subject || subject.Any(c => c is < ' ' or > '~'))
            return "sub is missing, or not of 1 to 255 ASCII characters";
        if (expected.IsRefresh && expected.Subject is null)
            return "there is no subject to compare with";
        return expected.Subject is { } same && same != subject ? "sub is another" : null;
    }

    // A logout token may be untyped, and has the right iss, aud and sub (Back-Channel Logout §2.4).
    private string? Kind() => claims.TryGetProperty("events", out _) ? "events make it another kind of token" : null;

    private string? Nonce(IdTokenExpectation expected)
    {
        if (expected.NonceHash is not { } sent)
            return null;
        if (!claims.TryGetProperty("nonce", out _))
            return expected.IsRefresh ? null : "nonce is missing";
        return Text(claims, "nonce") is { } nonce && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(nonce)), sent)
            ? null
            : "nonce is another";
    }

    private string? AccessTokenHash(string alg, IdTokenExpectation expected)
    {
        if (expected.AccessToken is not { } accessToken || !claims.TryGetProperty("at_hash", out _))
            return null;
        return Text(claims, "at_hash") is { } hash && Jws.HashMatches(alg, accessToken, hash) ? null : "at_hash is that of another access token";
    }

    private string? Authentication(IdTokenExpectation expected)
    {
        var authTime = Time(claims, "auth_time");
        if (claims.TryGetProperty("auth_time", out _) && authTime is null)
            return "auth_time is no time";
        if (expected.MaxAge is { } maxAge && !(now - authTime <= maxAge + options.ClockSkew))
            return IdTokenResult.TooOld;
        // Core §12.2: a refresh is no new sign-in.
        if (expected is { IsRefresh: true, AuthTime: { } original } && authTime is not null && authTime != original)
            return "auth_time is another";
        if (expected.Acr is { } wanted && !(Text(claims, "acr") is { } acr && wanted.Split(' ').Contains(acr, StringComparer.Ordinal)))
            return IdTokenResult.TooWeak;
        return null;
    }

    private static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    /// <returns>Null when there is none, or it is no NumericDate that a clock could show (RFC 7519 §2).</returns>
    internal static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var seconds)
        && seconds >= 0 && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
            : null;
}
