using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Header lines: names of the gateway's own in every spelling, with a value that shows them, and plain ones.</summary>
internal static class HeaderGrammar
{
    /// <summary>Stands in every value under a name that is the gateway's.</summary>
    public const string Evil = "evil";

    /// <summary>How servers compare that fold separators: letters and digits alone count.</summary>
    public static string Folded(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    public static IEnumerable<string> Lines(SeededNumbers numbers, string cookie, string session)
    {
        for (var i = numbers.Size(12); i >= 0; i--)
            yield return numbers.Next(8) switch
            {
                0 or 1 => $"{Spelled(numbers)}: {Evil}",
                2 => $"{numbers.Of(Words.Headers)}: {Evil}{numbers.Of(Words.HeaderValues)}",
                3 => "Cookie: " + CookieGrammar.Line(numbers, cookie, session).Replace('\n', ' ').Replace('\r', ' '),
                4 => $"Connection: {numbers.Of(["close", "Upgrade", "keep-alive", "keep-alive, Upgrade", numbers.Of(Words.Headers)])}",
                _ => $"{numbers.Of(Words.PlainHeaders)}: {numbers.Of(Words.HeaderValues)}",
            };
    }

    private static string Spelled(SeededNumbers numbers)
    {
        var name = numbers.Of(Words.Headers);
        var separator = "!#$%&'*+.^_`|~-"[numbers.Next(15)].ToString();
        return numbers.Next(5) switch
        {
            0 => name.Replace("-", separator, StringComparison.Ordinal),
            1 => separator + name.ToUpperInvariant(),
            2 => name.ToLowerInvariant() + separator,
            3 => name.Replace("-", "", StringComparison.Ordinal),
            _ => string.Join(separator, name.ToCharArray()),
        };
    }
}
