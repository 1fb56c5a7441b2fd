using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrgGateway.Jose;
using OrgGateway.Tests.Jose;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Compact tokens: what is accepted is signed with one of the two keys, byte for byte, and asks for nothing that changes its meaning.</summary>
internal sealed class JwsTarget : FuzzTarget
{
    public const string Claims = """{"iss":"https://id.example.com","sub":"alice","aud":"gateway","exp":1767225900,"iat":1767225600,"nested":{"roles":["admin",1,null]}}""";
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };
    private static readonly string[] Forbidden = ["crit", "b64", "zip"];
    private static readonly JwsPolicy Policy = TestKeys.Policy("HS256", "ES256");
    private readonly TokenGrammar _tokens = new(
        new JsonGrammar(Claims),
        """{"alg":"HS256","kid":"oct","typ":"JWT"}""", """{"alg":"HS256"}""", """{"alg":"HS256","kid":"oct"}""", """{"alg":"HS256","kid":"ec"}""", """{"alg":"none"}""", """{"alg":"RS256","kid":"ec"}""",
        """{"alg":"HS256","crit":["b64"],"b64":false}""", """{"alg":"HS256","jwk":{"kty":"oct","k":"AA"}}""", """{"alg":"HS256","zip":"DEF"}""", """{"alg":"ES256","kid":"ec"}""", """{"alg":"HS256","typ":"at+jwt","x":{"a":[]}}""");

    public override string Name => "jws";
    public override IReadOnlyList<string> Words { get; } = [.. Fuzz.Words.Odd, "eyJhbGciOiJub25lIn0", "eyJ", "..", ".e30.", ".", "e30"];
    public override long Allocated => 256 * 1024;

    public override byte[] Generate(SeededNumbers numbers) => Bytes(_tokens.Token(numbers));

    public override FuzzOutcome Try(byte[] input)
    {
        var token = Text(input);
        var canRead = Jws.TryReadUnverified(token, out _, out _);
        switch (Jws.Verify(token, FuzzKeys.Set, Policy))
        {
            case JwsResult.Valid(var header, var payload):
                FuzzViolation.Unless(canRead, "it verifies and cannot be read");
                AssertSound(token, header);
                return FuzzOutcome.Accept($"{header.Alg} {header.Kid} {payload.EnumerateObject().Count()}");
            case JwsResult.Refused(var fault, var kid):
                return FuzzOutcome.Refuse($"{fault} {canRead} {kid is null}");
            default:
                throw new FuzzViolation("neither valid nor refused");
        }
    }

    private static void AssertSound(string token, JwsHeader header)
    {
        var parts = token.Split('.');
        FuzzViolation.Unless(parts.Length == 3, "not three parts");
        using var read = JsonDocument.Parse(Decoded(parts[0]), Strict);
        using var payload = JsonDocument.Parse(Decoded(parts[1]), Strict);
        FuzzViolation.Unless(payload.RootElement.ValueKind == JsonValueKind.Object, "a payload that is no object");
        FuzzViolation.Unless(!Array.Exists(Forbidden, name => read.RootElement.TryGetProperty(name, out _)), "a header that changes the meaning");
        FuzzViolation.Unless(read.RootElement.GetProperty("alg").GetString() == header.Alg, "another algorithm than the header's");
        var input = Encoding.ASCII.GetBytes(token[..token.LastIndexOf('.')]);
        var (signature, isEc) = (Decoded(parts[2]), header.Alg == "ES256");
        FuzzViolation.Unless(header.Kid is null || header.Kid == (isEc ? "ec" : "oct"), "the key of another id");
        FuzzViolation.Unless(isEc ? FuzzKeys.Ec.VerifyData(input, signature, HashAlgorithmName.SHA256) : HMACSHA256.HashData(FuzzKeys.Secret, input).AsSpan().SequenceEqual(signature), "a signature of nobody's");
    }

    private static byte[] Decoded(string part)
    {
        var bytes = Convert.FromBase64String(part.Replace('-', '+').Replace('_', '/').PadRight((part.Length + 3) / 4 * 4, '='));
        FuzzViolation.Unless(Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_') == part, "a second spelling of a part");
        return bytes;
    }
}
