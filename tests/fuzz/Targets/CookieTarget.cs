using Microsoft.AspNetCore.Http;
using OrgGateway.Configuration;
using OrgGateway.Sessions;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Session cookies, as header lines; a line feed begins the next one.</summary>
internal sealed class CookieTarget : FuzzTarget
{
    private const string Cookie = "__Host-orggw";
    private const string Sound = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO-_";
    private readonly SessionCookie _cookie = new(new SessionOptions { Cookie = Cookie }, new Site(new Uri("https://app.example.com"), [], "/auth"));

    public override string Name => "cookie";
    public override int Inputs => 10_000;
    public override IReadOnlyList<string> Words { get; } = [.. Fuzz.Words.Odd, Cookie, Cookie + "=", Sound, "__Secure-orggw-login-", "__Host-orggw-at-", "; "];

    public override byte[] Generate(SeededNumbers numbers) => Bytes(string.Join('\n', Enumerable.Range(0, 1 + numbers.Size(4)).Select(_ => CookieGrammar.Line(numbers, Cookie, Sound))));

    public override FuzzOutcome Try(byte[] input)
    {
        string[] lines = Text(input).Split('\n');
        var request = new DefaultHttpContext().Request;
        request.Headers.Cookie = lines;
        var pairs = lines.SelectMany(line => line.Split(';')).Select(pair => pair.Trim()).Where(pair => pair.Length > 0).ToArray();

        var accepted = _cookie.TryRead(request, out var id);
        var first = pairs.FirstOrDefault(pair => pair.StartsWith(Cookie + "=", StringComparison.Ordinal));
        FuzzViolation.Unless(_cookie.IsPresent(request) == first is not null, "presence is not that of the first pair of the name");
        var value = first?[(Cookie.Length + 1)..];
        FuzzViolation.Unless(accepted == (value is { Length: SessionId.CookieLength } && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')), "what is accepted is not 43 characters of base64url");
        FuzzViolation.Unless(!accepted || (SessionId.TryOf(value, out var same) && same == id), "another cookie than the first counts");

        var kept = pairs.Where(pair => !IsOurs(pair)).ToArray();
        var left = string.Join(';', (IEnumerable<string?>)_cookie.WithoutOurs(request.Headers.Cookie)).Split(';').Select(pair => pair.Trim()).Where(pair => pair.Length > 0);
        FuzzViolation.Unless(left.SequenceEqual(kept), "what goes upstream is not the caller's own cookies in their order");
        return new(accepted, $"{accepted} {first is not null} {Math.Min(4, pairs.Length - kept.Length)} {Math.Min(3, kept.Length)} {Math.Min(3, lines.Length)}");
    }

    private bool IsOurs(string pair) => pair.StartsWith(Cookie + "=", StringComparison.Ordinal) || pair.StartsWith(_cookie.LoginPrefix, StringComparison.Ordinal) || pair.StartsWith(Cookie + "-at-", StringComparison.Ordinal);
}
