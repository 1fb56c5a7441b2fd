using System.Text.RegularExpressions;

namespace OrgGateway.Tests.Servers;

/// <summary>
/// What a token in a text looks like: the base64 of a JSON header and two dots (RFC 7515, RFC 7516 section 3.1). The first three
/// letters alone stand in one of some thousand random identifiers.
/// </summary>
internal static partial class CompactToken
{
    public static Regex Pattern { get; } = Written();

    public static bool IsIn(string text) => Pattern.IsMatch(text);

    [GeneratedRegex("""eyJ[\w-]*\.[\w-]*\.""")]
    private static partial Regex Written();
}
