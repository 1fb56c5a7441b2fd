using System.Security.Cryptography;
using System.Text;
using OrgGateway.Tests.Jose;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Signed tokens: headers and claims like samples, with the right signature or nearly so.</summary>
internal sealed class TokenGrammar(JsonGrammar claims, params string[] headers)
{
    private readonly JsonGrammar _headers = new(headers);

    public string Token(SeededNumbers numbers, int calm = 20)
    {
        var (header, payload) = (Latin(_headers.Text(numbers, 4 * calm)), Latin(claims.Text(numbers, calm)));
        var token = TestTokens.Signed(header, payload, input => header.AsSpan().IndexOf("ES256"u8) >= 0 ? FuzzKeys.Ec.SignData(input, HashAlgorithmName.SHA256) : HMACSHA256.HashData(FuzzKeys.Secret, input));
        return numbers.Next(16) switch
        {
            0 => token[..token.LastIndexOf('.')] + ".",
            1 => TestTokens.WithSignature(token, numbers.Bytes(numbers.Of([0, 32, 63, 64, 65, 72, 256]))),
            2 => TestTokens.WithSignature(token, new byte[64]),
            3 => token.Insert(numbers.Next(token.Length), numbers.Of(["=", ".", " ", "\n", "+", "/", "A", "%2e", ".."])),
            4 => Cased(token, numbers.Next(token.Length)),
            _ => token,
        };
    }

    // Another letter for one: other spare bits, another byte, or another signature.
    private static string Cased(string token, int at) => token[..at] + (char.IsAsciiLetter(token[at]) ? (char)(token[at] ^ 0x20) : token[at]) + token[(at + 1)..];

    private static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);
}
