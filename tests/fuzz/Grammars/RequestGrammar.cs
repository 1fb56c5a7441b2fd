using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Requests in raw HTTP/1.1. What is new on every run stands as a placeholder: <c>{origin}</c>, <c>{session}</c>, <c>{now}</c>, and claims between marks that are signed when they are sent.</summary>
internal static class RequestGrammar
{
    /// <summary>Begins claims that the provider, the transmitter or the bearer issuer signs.</summary>
    public const char ByProvider = '\u0001', ByTransmitter = '\u0003', ByIssuer = '\u0004';

    /// <summary>Ends them.</summary>
    public const char End = '\u0002';

    public const string Cookie = "orggw";
    private static readonly string[] Methods = ["GET", "GET", "GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "FOO"];

    /// <param name="lines">Header lines that the request is about; others are added.</param>
    public static byte[] Request(SeededNumbers numbers, string? method, string target, IEnumerable<string> lines, string body)
    {
        var all = lines.Concat(numbers.OneIn(3) ? [] : HeaderGrammar.Lines(numbers, Cookie, "{session}")).Append($"Content-Length: {body.Length}").Prepend("Host: " + (numbers.OneIn(8) ? numbers.Of(Words.Hosts) : "localhost:8080"));
        return System.Text.Encoding.Latin1.GetBytes($"{method ?? numbers.Of(Methods)} {target} HTTP/1.1\r\n{string.Concat(all.Select(line => line.Replace("\r\n", " ") + "\r\n"))}\r\n{body}");
    }

    /// <summary>For the most part a signed-in caller's cookie.</summary>
    public static string CookieLine(SeededNumbers numbers) => numbers.OneIn(3) ? "Cookie: " + CookieGrammar.Line(numbers, Cookie, "{session}").Replace('\n', ' ') : $"Cookie: {Cookie}={{session}}";
}
