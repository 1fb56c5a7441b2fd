using System.Security.Cryptography;
using System.Text;
using OrgGateway.Jose;
using static OrgGateway.Tests.Jose.TestTokens;

namespace OrgGateway.Tests.Jose;

/// <summary>Right tokens, changed a little.</summary>
public sealed class JwsSignatureAttackTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private static readonly JwsPolicy Default = TestKeys.Policy("RS256", "PS256", "ES256", "HS256");
    private static readonly JsonWebKeySet Keys = new([
        TestKeys.Key(TestKeys.Jwk(TestKeys.Rsa, "rsa"))!,
        TestKeys.Key(TestKeys.Jwk(TestKeys.P256, "ec"))!,
        JsonWebKey.FromSymmetric(TestKeys.Secret, "hs"),
    ]);

    private static readonly Dictionary<string, string> Tokens = new()
    {
        ["RS256"] = Rs256("""{"alg":"RS256","kid":"rsa"}"""),
        ["PS256"] = Signed("""{"alg":"PS256","kid":"rsa"}""", Claims,
            input => TestKeys.Rsa.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)),
        ["ES256"] = Es256("""{"alg":"ES256","kid":"ec"}"""),
        ["HS256"] = Hs256("""{"alg":"HS256","kid":"hs"}""", TestKeys.Secret),
    };

    public static TheoryData<string> Algorithms => new(Tokens.Keys);

    [Theory, MemberData(nameof(Algorithms))]
    public void Every_changed_byte_of_the_signature_is_one_and_the_same_refusal(string alg)
    {
        var token = Tokens[alg];
        var right = SignatureOf(token);
        Assert.IsType<JwsResult.Valid>(Jws.Verify(token, Keys, Default));

        for (var i = 0; i < right.Length; i++)
        {
            foreach (var flip in new byte[] { 0x01, 0x80, 0xFF })
            {
                var signature = right.ToArray();
                signature[i] ^= flip;
                Assert.Equal(JwsFault.BadSignature, Fault(WithSignature(token, signature)));
            }
        }
    }

    [Theory, MemberData(nameof(Algorithms))]
    public void Every_changed_character_of_the_token_makes_it_invalid(string alg)
    {
        var token = Tokens[alg];
        for (var i = 0; i < token.Length; i++)
        {
            foreach (var other in new[] { Next(token[i], 1), Next(token[i], 33), '.', '=', ' ', '\0', 'é' })
            {
                if (other != token[i])
                    Assert.IsType<JwsResult.Refused>(Jws.Verify($"{token[..i]}{other}{token[(i + 1)..]}", Keys, Default));
            }

            Assert.IsType<JwsResult.Refused>(Jws.Verify(token.Remove(i, 1), Keys, Default));
        }
    }

    [Theory, MemberData(nameof(Algorithms))]
    public void A_token_has_one_spelling(string alg)
    {
        // A second spelling of one token would pass a list of revoked or used ones.
        var token = Tokens[alg];
        var parts = token.Split('.');
        var spellings = new List<string>
        {
            token + "=", token + "==", token + " ", " " + token, token + "\n", "Bearer " + token,
            $"{parts[0]}=.{parts[1]}.{parts[2]}", $"{parts[0]}.{parts[1]}==.{parts[2]}", $"{parts[0]}.{parts[1]}.\n{parts[2]}",
            $"{parts[0]} .{parts[1]}.{parts[2]}", $"{parts[0]}.\t{parts[1]}.{parts[2]}",
            $"{parts[0]}.{parts[1]}.{parts[2].Insert(4, "\r\n")}", $"{parts[0]}.{parts[1]}.{parts[2]}%%",
        };

        // The spare bits of the last character, in each part that has some.
        for (var part = 0; part < 3; part++)
        {
            var spare = (parts[part].Length % 4) switch { 2 => 4, 3 => 2, _ => 0 };
            for (var bits = 1; bits < 1 << spare; bits++)
            {
                var changed = parts.ToArray();
                changed[part] = parts[part][..^1] + Alphabet[Alphabet.IndexOf(parts[part][^1], StringComparison.Ordinal) | bits];
                spellings.Add(string.Join('.', changed));
            }
        }

        if (parts[2].AsSpan().ContainsAny('-', '_'))
            spellings.Add($"{parts[0]}.{parts[1]}.{parts[2].Replace('-', '+').Replace('_', '/')}");

        foreach (var spelling in spellings)
            Assert.Equal(JwsFault.Malformed, Fault(spelling));
    }

    [Fact, Trait("Row", "T90")]
    public void An_EC_signature_is_r_and_s_of_exact_length()
    {
        var token = Tokens["ES256"];
        var right = SignatureOf(token);
        var input = Encoding.ASCII.GetBytes(token[..token.LastIndexOf('.')]);
        var der = TestKeys.P256.SignData(input, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        Assert.True(TestKeys.P256.VerifyData(input, der, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));

        // The order of the curve (FIPS 186-4 D.1.2.3): r and s are below it.
        var order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
        var zero = new byte[32];
        byte[][] wrong =
        [
            der, new byte[64], [.. zero, .. right[32..]], [.. right[..32], .. zero], [.. order, .. order], [.. zero, .. order],
            [.. order, .. right[32..]], right[..63], right[1..], [.. right, 0], [0, .. right], [.. right, .. right],
            [0, .. right[..32], 0, .. right[32..]], [0], new byte[96], new byte[132], [.. right[32..], .. right[..32]],
            [.. Enumerable.Repeat((byte)0xFF, 64)],
        ];

        foreach (var signature in wrong)
            Assert.Equal(JwsFault.BadSignature, Fault(WithSignature(token, signature)));
    }

    [Fact]
    public void A_signature_over_other_claims_or_another_header_is_refused()
    {
        var token = Tokens["RS256"].Split('.');
        var other = Rs256("""{"alg":"RS256","kid":"rsa","typ":"JWT"}""", """{"sub":"bob"}""").Split('.');

        Assert.Equal(JwsFault.BadSignature, Fault($"{token[0]}.{other[1]}.{token[2]}"));
        Assert.Equal(JwsFault.BadSignature, Fault($"{other[0]}.{token[1]}.{token[2]}"));
        Assert.Equal(JwsFault.BadSignature, Fault($"{token[0]}.{token[1]}.{other[2]}"));
    }

    [Fact]
    public void Signatures_are_checked_by_many_threads_at_once_with_one_key()
    {
        var wrong = Tokens.ToDictionary(token => token.Key, token =>
        {
            var signature = SignatureOf(token.Value);
            signature[7] ^= 4;
            return WithSignature(token.Value, signature);
        });

        Parallel.For(0, 4_000, new() { MaxDegreeOfParallelism = 16 }, i =>
        {
            var (alg, token) = Tokens.ElementAt(i % Tokens.Count);
            Assert.IsType<JwsResult.Valid>(Jws.Verify(token, Keys, Default));
            Assert.Equal(JwsFault.BadSignature, Fault(wrong[alg]));
        });
    }

    private static char Next(char character, int distance)
    {
        var at = Alphabet.IndexOf(character, StringComparison.Ordinal);
        return at < 0 ? 'A' : Alphabet[(at + distance) % Alphabet.Length];
    }

    private static JwsFault Fault(string token) => Assert.IsType<JwsResult.Refused>(Jws.Verify(token, Keys, Default)).Fault;
}
