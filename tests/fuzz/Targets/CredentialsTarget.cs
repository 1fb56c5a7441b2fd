using Microsoft.AspNetCore.Http;
using OrgGateway.Access;
using OrgGateway.ApiKeys;
using OrgGateway.Configuration;
using OrgGateway.Proxy;
using OrgGateway.Sessions;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Credentials as presented, and the form of API keys: one, of a kind that the route allows, or a refusal.</summary>
internal sealed class CredentialsTarget : FuzzTarget
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static readonly string Key = WithChecksum("ogk_" + new string('k', 43));
    private static readonly RoutePolicy[] Policies =
        [.. Enumerable.Range(1, 7).Select(kinds => new RoutePolicy { RouteId = "r", ClusterId = "c", Access = AccessLevel.Authenticated, Org = OrgSource.None, OrgSegment = null, Credentials = (CredentialKinds)kinds })];

    private readonly ApiKeyFormat _format = new("ogk");
    private readonly SessionCookie _cookie = new(new SessionOptions(), new Site(new Uri("http://localhost:8080"), [], "/auth"));

    public override string Name => "credentials";
    public override int Inputs => 5000;
    public override IReadOnlyList<string> Words { get; } = [.. Fuzz.Words.Odd, "Bearer ", "bearer", "ApiKey ", "Basic ", "ogk_", Key, "Authorization: ", "X-Api-Key: ", "Cookie: orggw=x", "\n"];

    public override byte[] Generate(SeededNumbers numbers) => Bytes(string.Join('\n', Enumerable.Range(0, 1 + numbers.Size(4)).Select(_ =>
        numbers.Of(["Authorization: ", "Authorization: ", "X-Api-Key: ", "Cookie: orggw="]) + numbers.Of(["Bearer ", "Bearer ", "ApiKey ", "Basic ", "Bearer", "", " "]) + numbers.Of([Key, Key, UrlGrammar.Word(numbers, 53), "a.b.c", "ogk_", ""]))));

    public override FuzzOutcome Try(byte[] input)
    {
        var lines = Text(input).Split('\n');
        var request = new DefaultHttpContext().Request;
        foreach (var pair in lines.Select(line => line.Split(": ", 2)).Where(pair => pair.Length == 2 && pair[0] is "Authorization" or "X-Api-Key" or "Cookie"))
            request.Headers.Append(pair[0], pair[1]);
        var kinds = "";
        foreach (var policy in Policies)
        {
            var presented = PresentedCredential.Of(request, policy, _cookie, _format);
            FuzzViolation.Unless((presented.Kind & policy.Credentials) == presented.Kind, "a kind that the route does not allow");
            FuzzViolation.Unless(presented.Problem is null || presented.Kind == CredentialKinds.None, "a refusal and a credential");
            FuzzViolation.Unless(presented.Value is null || string.Concat(request.Headers.Select(h => h.Value.ToString())).Contains(presented.Value), "a credential that was not sent");
            kinds += presented.Problem is null ? (int)presented.Kind : '!';
        }
        var isKey = lines.Aggregate(false, (any, line) => any | IsKey(line[(line.LastIndexOf(' ') + 1)..]));
        return new(isKey, kinds + isKey);
    }

    private bool IsKey(string text)
    {
        var isKey = _format.IsWellFormed(text);
        FuzzViolation.Unless(isKey == (text.Length == Key.Length && text.StartsWith("ogk_", StringComparison.Ordinal) && text[4..].All(char.IsAsciiLetterOrDigit) && WithChecksum(text[..^6]) == text), "a key's form is judged otherwise");
        FuzzViolation.Unless(_format.Shown(text) is not { } shown || (shown.Length == 10 && text.StartsWith(shown, StringComparison.Ordinal)), "more of a key is shown than may be");
        return isKey;
    }

    // CRC-32 with a table, in six digits of base 62.
    private static string WithChecksum(string body)
    {
        var table = new uint[256];
        for (uint i = 0; i < 256; i++)
            table[i] = Enumerable.Range(0, 8).Aggregate(i, (c, _) => (c & 1) == 1 ? 0xEDB88320 ^ (c >> 1) : c >> 1);
        var crc = ~body.Aggregate(0xffffffffu, (c, letter) => table[(c ^ letter) & 0xff] ^ (c >> 8));
        var digits = "";
        for (var i = 0; i < 6; i++, crc /= 62)
            digits = Digits[(int)(crc % 62)] + digits;
        return body + digits;
    }
}
