using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Cookie header lines in which one name matters.</summary>
internal static class CookieGrammar
{
    public static string Line(SeededNumbers numbers, string name, string value) =>
        string.Join(numbers.Of(["; ", "; ", ";", " ;", ";;", ", "]), Enumerable.Range(0, 1 + numbers.Size(12)).Select(_ => Pair(numbers, name, value)));

    private static string Pair(SeededNumbers numbers, string name, string value) => numbers.Next(12) switch
    {
        < 4 => $"{name}={value}",
        4 => $"{name}{numbers.Of(Words.Odd)}={value}",
        5 => $"{name}={numbers.Of(Words.Odd)}{value}",
        6 => $"{name}={UrlGrammar.Word(numbers, 40 + numbers.Next(6))}",
        7 => $"{numbers.Of(["a", "__Host-a", "_" + name, name + "_1", name + "C1", name.ToUpperInvariant(), "$Version", ""])}={numbers.Of(Words.Odd)}",
        8 => $"{name}=\"{value}\"",
        9 => numbers.Of(Words.Odd),
        10 => $"{name}-login-{UrlGrammar.Word(numbers, 8)}={value}",
        _ => $"{name}-at-{UrlGrammar.Word(numbers, 4)}={value}",
    };
}
