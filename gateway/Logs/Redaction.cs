using System.Buffers;
using System.Text.RegularExpressions;

namespace OrgGateway.Logs;

/// <summary>
/// The last line of defence of logs and consoles: no message of ours carries a secret, but an exception of a library may. What looks
/// like one, stands under a name that means one, or is one of the configuration, is replaced.
/// </summary>
public sealed partial class Redaction
{
    public const string Mask = "***";
    private const int ShortestSecret = 8;
    private static readonly string[] SecretNames = ["secret", "password", "token", "cookie", "authorization", "apikey", "verifier", "privatekey", "secretkey", "addresskey", "credential", "credentials"];
    private static readonly SearchValues<string> Marks = SearchValues.Create(["eyJ", "Bearer", "Basic", "?", "://", "assword", "orgk_", "oggk_", "ogk_"], StringComparison.OrdinalIgnoreCase);
    private readonly string[] _known;
    private readonly SearchValues<string>? _knownMarks;

    /// <param name="secrets">Values of the configuration that must appear nowhere; short ones are too common as words and are left out.</param>
    public Redaction(IEnumerable<string> secrets)
    {
        // The longest first: one secret may begin with another.
        _known = [.. secrets.Where(s => s.Length >= ShortestSecret).Distinct(StringComparer.Ordinal).OrderByDescending(s => s.Length)];
        _knownMarks = _known.Length == 0 ? null : SearchValues.Create(_known, StringComparison.Ordinal);
    }

    /// <summary>Whether a setting, property or header of this name holds a secret.</summary>
    public static bool IsSecretName(string name)
    {
        var folded = name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        return Array.Exists(SecretNames, secret => folded.EndsWith(secret, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The values of secret settings below a configuration, wherever they came from.</summary>
    public static IEnumerable<string> SecretsOf(IConfiguration configuration)
    {
        foreach (var (key, value) in configuration.AsEnumerable())
        {
            // Outside, Token and Credentials are words of a route's policy.
            if (string.IsNullOrEmpty(value) || !key.StartsWith("Gateway:", StringComparison.OrdinalIgnoreCase))
                continue;
            if (IsSecretName(key[(key.LastIndexOf(':') + 1)..]))
                yield return value;
            else if (PasswordSetting().Match(value) is { Success: true, Groups: var groups })
                yield return groups[1].Value;
            else if (UserInfo().Match(value) is { Success: true, Groups: var url })
                yield return url[2].Value;
        }
    }

    public string Clean(string text)
    {
        if (_knownMarks is not null && text.AsSpan().ContainsAny(_knownMarks))
            foreach (var secret in _known)
                text = text.Replace(secret, Mask, StringComparison.Ordinal);
        if (!text.AsSpan().ContainsAny(Marks))
            return text;
        text = Jwt().Replace(text, Mask);
        text = Scheme().Replace(text, "$1 " + Mask);
        text = Query().Replace(text, "?" + Mask);
        text = UserInfo().Replace(text, "$1" + Mask + "@");
        text = PasswordSetting().Replace(text, m => m.Value.Replace(m.Groups[1].Value, Mask, StringComparison.Ordinal));
        return ApiKey().Replace(text, "$1" + Mask);
    }

    // Signed or encrypted tokens, whole or cut: a header alone says enough to look for.
    [GeneratedRegex(@"eyJ[A-Za-z0-9_-]{4,}(\.[A-Za-z0-9_-]*){0,4}", RegexOptions.CultureInvariant)]
    private static partial Regex Jwt();

    [GeneratedRegex(@"\b(Bearer|Basic|DPoP)\s+[A-Za-z0-9._~+/=-]{8,}", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    // Codes, states and invitations travel in query strings, so none of them is logged, whatever its names.
    [GeneratedRegex(@"\?[^\s""'<>?]*=[^\s""'<>]*", RegexOptions.CultureInvariant)]
    private static partial Regex Query();

    [GeneratedRegex(@"([a-z][a-z0-9+.-]{0,30}://)[^/\s:@]{0,200}:([^@\s/]{1,4000})@", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"password\s*=\s*([^,;\s]+)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex PasswordSetting();

    [GeneratedRegex(@"\b((?:orgk|oggk|ogk)_)[A-Za-z0-9_-]{8,}", RegexOptions.CultureInvariant)]
    private static partial Regex ApiKey();
}
