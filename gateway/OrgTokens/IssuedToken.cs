using System.Globalization;
using System.Text.Json;
using OrgGateway.Jose;

namespace OrgGateway.OrgTokens;

/// <summary>What an issuer's answer says of a token and its end.</summary>
internal static class IssuedToken
{
    private const int Longest = 16 * 1024;
    private static readonly TimeSpan DefaultLife = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(365);

    // From here on a number is a time, below it a number of seconds (2001, and 31 years).
    private const double FirstUnixTime = 1_000_000_000;

    /// <summary>It becomes part of a header: visible ASCII and of a size that upstreams take.</summary>
    public static bool CanBeSent(string? value) => value is { Length: > 0 and <= Longest } && !value.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>The token's own <c>exp</c> (RFC 7519 §4.1.4). Nobody vouches for it, and nothing but when to ask again hangs on it.</summary>
    public static DateTimeOffset? ExpiryOf(string token) =>
        Jws.TryReadUnverified(token, out _, out var claims) && claims.TryGetProperty("exp", out var exp) && exp.ValueKind == JsonValueKind.Number
            && exp.TryGetDouble(out var seconds) && seconds is > 0 and < 253_402_300_800
            ? DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(seconds)
            : null;

    public static DateTimeOffset? ExpiryOf(JsonElement? value, DateTimeOffset sent)
    {
        if (value is not { } given)
            return null;
        if (given.ValueKind == JsonValueKind.String && DateTimeOffset.TryParse(given.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            && !double.TryParse(given.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            return time;
        var number = given.ValueKind == JsonValueKind.Number ? given.GetDouble()
            : given.ValueKind == JsonValueKind.String && double.TryParse(given.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed
            : double.NaN;
        return number switch
        {
            > 0 and < FirstUnixTime => sent + TimeSpan.FromSeconds(Math.Min(number, LongestLife.TotalSeconds)),
            >= FirstUnixTime and < 253_402_300_800 => DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(number),
            _ => null,
        };
    }

    /// <returns>The token, or null where it would be over already: caching that would ask the issuer at every request.</returns>
    public static OrganizationToken? Of(string value, DateTimeOffset sent, DateTimeOffset? expires)
    {
        var end = expires ?? sent + DefaultLife;
        if (end > sent + LongestLife)
            end = sent + LongestLife;
        return end <= sent ? null : new(value, sent, end);
    }
}
