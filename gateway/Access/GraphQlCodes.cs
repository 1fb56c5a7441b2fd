using System.Collections.Frozen;

namespace OrgGateway.Access;

/// <summary>The error codes of a GraphQL API that mean "the credential is dead", and nothing else: neither a lack of permission nor a rate limit.</summary>
public sealed class GraphQlCodes
{
    // Kraken: header missing, token expired (two codes), header value no credential. 1111, 1128, 4177 are permissions; 1199, 1188, 1189 limits.
    private static readonly GraphQlCodes Kraken = new(["KT-CT-1112", "KT-CT-1120", "KT-CT-1124", "KT-CT-1143"]);
    private static readonly GraphQlCodes Apollo = new(["UNAUTHENTICATED"]);
    private static readonly FrozenSet<string> Words = new[] { "on", "off", "true", "false", "none", "kraken", "apollo" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    private readonly FrozenSet<string> _codes;

    private GraphQlCodes(IEnumerable<string> codes) => _codes = codes.ToFrozenSet(StringComparer.Ordinal);

    public bool Contains(string? code) => code is not null && _codes.Contains(code);

    /// <summary>Reads the value of the route's <c>GraphQl</c>: off, kraken, apollo, or a comma list of codes.</summary>
    /// <returns>False when a name in it is no code.</returns>
    public static bool TryParse(string? text, out GraphQlCodes? codes)
    {
        codes = null;
        var names = text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (names.Length == 0 || (names.Length == 1 && names[0].Equals("off", StringComparison.OrdinalIgnoreCase)))
            return text is null || names.Length == 1;
        if (names.Length == 1 && names[0].Equals("kraken", StringComparison.OrdinalIgnoreCase))
            codes = Kraken;
        else if (names.Length == 1 && names[0].Equals("apollo", StringComparison.OrdinalIgnoreCase))
            codes = Apollo;
        else if (names.All(IsCode))
            codes = new(names);
        return codes is not null;
    }

    // A word that is a value by itself is no code: who writes it in a list means something else than it would do.
    private static bool IsCode(string name) => name.Length <= 64 && !Words.Contains(name) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
