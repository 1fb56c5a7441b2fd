using OrgGateway.Answers;
using OrgGateway.SignIn;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Places to return to: whatever is accepted stays on the origin, however often it is decoded on its way.</summary>
internal sealed class NextTarget : FuzzTarget
{
    private const string Origin = "https://app.example.com";

    public override string Name => "next";
    public override int Inputs => 10_000;
    public override IReadOnlyList<string> Words { get; } = [.. Fuzz.Words.Paths, Origin, Origin + "/", "https://app.example.com.evil.test", "https://app.example.com@evil.test"];

    // The checks below cost more than what they check.
    public override long Allocated => 256 * 1024;

    public override byte[] Generate(SeededNumbers numbers) => Bytes(numbers.Next(4) switch
    {
        0 => numbers.Some(8, () => numbers.Of(Words)),
        1 => Origin + UrlGrammar.Target(numbers),
        _ => UrlGrammar.Target(numbers),
    });

    public override FuzzOutcome Try(byte[] input)
    {
        var text = Text(input);
        var local = LocalUrl.IsLocal(text);
        FuzzViolation.Unless(LocalUrl.Or(text) == (local ? text : "/"), "what is not local is used");
        if (local)
            AssertStays(text);
        var ofOrigin = LocalUrl.OfOrigin(text, Origin);
        AssertStays(ofOrigin);
        FuzzViolation.Unless(ofOrigin is "/" || text == ofOrigin || text == Origin + ofOrigin, "another place comes out than went in");
        AssertStays(LoginRequest.Read(name => name == "next" ? text : default, Origin).Next);
        AssertStays(LoginRequest.Read(name => name == "target_link_uri" ? text : default, Origin).Next);
        return new(local || ofOrigin != "/", $"{local} {ofOrigin == "/"} {text.Contains('?')} {text.Contains('#')} {text.Contains('%')} {Math.Min(4, text.Split('/').Length)} {text.Contains('.')}");
    }

    private static void AssertStays(string place)
    {
        for (var round = 0; round < 4; round++)
        {
            FuzzViolation.Unless(place.StartsWith('/'), $"'{place}' is no path");
            FuzzViolation.Unless(BrowserUrl.Stays(place, out var path), $"a browser leaves with '{place}'");
            FuzzViolation.Unless(BrowserUrl.Stays(path, out _), $"without dot segments a browser leaves with '{path}'");
            var query = place.IndexOfAny(['?', '#']);
            place = Uri.UnescapeDataString(query < 0 ? place : place[..query]);
        }
    }
}
