using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Paths, targets, queries and URLs, sound ones and such that two readers read differently.</summary>
internal static class UrlGrammar
{
    private static readonly string[] Segments = ["orgs", "acme", "globex", "org_acme", "me", "x", "admin", "reports", "live", "public", "private", "assets", "auth", "login", "callback", "verify", "a.js", "ACME", "acme.", "%61cme", "caf%C3%A9", "a%20b", "..", ".", ""];

    public static string Path(SeededNumbers numbers) => "/" + string.Join('/', Enumerable.Range(0, 1 + numbers.Size(8)).Select(_ => Segment(numbers)));

    public static string Target(SeededNumbers numbers) => numbers.Next(12) switch
    {
        0 => numbers.Some(12, () => numbers.Of(Words.Paths)),
        1 => numbers.Of(["http://localhost", "https://evil.test", "//evil.test", "*", ""]) + Path(numbers),
        2 or 3 => Path(numbers) + "?" + Query(numbers, ["next", "x", "access_token", "org"]),
        _ => Path(numbers),
    };

    /// <summary>A form or query of these names, each said once, seldom more.</summary>
    public static string Query(SeededNumbers numbers, IReadOnlyList<string> names) =>
        string.Join(numbers.OneIn(30) ? ";" : "&", Enumerable.Range(0, 1 + numbers.Size(8)).Select(_ => numbers.Of(names) + (numbers.OneIn(30) ? "" : "=") + Value(numbers)));

    public static string Value(SeededNumbers numbers) => numbers.Next(8) switch
    {
        0 => "",
        1 => Escaped(Path(numbers)),
        2 => numbers.Some(6, () => numbers.Of(Words.Paths)),
        3 => Escaped(numbers.Of(Words.Paths)),
        4 => Word(numbers, 43),
        5 => numbers.Of(["acme", "alice@acme.test", "none", "login", "select_account", "https://id.example.com", "access_denied", "1", "true"]),
        _ => Word(numbers, 1 + numbers.Size(300)),
    };

    /// <summary>Of the base64url alphabet.</summary>
    public static string Word(SeededNumbers numbers, int length) =>
        string.Create(length, numbers, static (text, from) =>
        {
            foreach (ref var c in text)
                c = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[from.Next(64)];
        });

    private static string Segment(SeededNumbers numbers) => numbers.Next(6) switch
    {
        0 => numbers.Of(Words.Paths),
        1 => numbers.Of(Segments) + numbers.Of(Words.Paths),
        _ => numbers.Of(Segments),
    };

    private static string Escaped(string text) => string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) ? c.ToString() : $"%{(int)c:x2}"));
}
