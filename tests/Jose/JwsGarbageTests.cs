using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using OrgGateway.Jose;

namespace OrgGateway.Tests.Jose;

/// <summary>Ten thousand texts nobody would write, the same ones each run but for the keys: none throws, none is accepted unsigned.</summary>
public sealed class JwsGarbageTests
{
    private const int Count = 10_000;

    private static readonly JwsPolicy Policy = TestKeys.Policy("RS256", "PS256", "ES256", "HS256") with { TryAllKeysWithoutKid = true };
    private static readonly JsonWebKeySet Keys = new([
        TestKeys.Key(TestKeys.Jwk(TestKeys.Rsa))!,
        TestKeys.Key(TestKeys.Jwk(TestKeys.P256))!,
        JsonWebKey.FromSymmetric(TestKeys.Secret, null),
    ]);

    [Fact]
    public void Garbage_is_refused_and_never_throws()
    {
        var source = new Stream(seed: 7515);
        string[] right = [TestTokens.Rs256("""{"alg":"RS256"}"""), TestTokens.Hs256("""{"alg":"HS256"}""", TestKeys.Secret)];
        var (unread, valid) = (0, 0);

        for (var i = 0; i < Count; i++)
        {
            var (text, signed) = (i % 5) switch
            {
                0 => (Characters(source), false),
                1 => (Parts(source), false),
                2 => (Changed(source, right[source.Below(right.Length)]), false),
                3 => Encoded(source, Json(source), Json(source)),
                _ => Encoded(source, $$"""{"alg":"HS256",{{Json(source).TrimStart('{')}}""", Json(source)),
            };

            if (right.Contains(text))
                continue;
            if (Jws.Verify(text, Keys, Policy) is JwsResult.Valid)
            {
                Assert.True(signed, text);
                valid++;
            }

            if (Jws.TryReadUnverified(text, out var header, out var payload))
                Assert.NotNull(header.Alg + payload.GetRawText());
            else
                unread++;
            Assert.False(Jws.HashMatches("RS256", text, Characters(source)));
        }

        // Some of it must get past the first checks, or the later ones were not tried.
        Assert.InRange(unread, Count / 2, Count - 100);
        Assert.InRange(valid, 10, Count / 10);
    }

    [Fact]
    public void A_garbled_key_set_never_throws()
    {
        var source = new Stream(seed: 7517);
        var right = $$"""
            {"keys":[{{TestKeys.Jwk(TestKeys.P256, "ec").ToJsonString()}},{{TestKeys.Jwk(TestKeys.Rsa, "rsa").ToJsonString()}}]}
            """;
        var parsed = 0;

        for (var i = 0; i < Count / 4; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(i % 2 == 0 ? Changed(source, right) : $$"""{"keys":[{{Json(source)}}]}""");
            if (source.Below(4) == 0)
                bytes[source.Below(bytes.Length)] = (byte)source.Below(256);
            if (JsonWebKeySet.TryParse(bytes) is not { } keys)
                continue;

            parsed++;
            Jws.Verify(TestTokens.Hs256("""{"alg":"HS256"}""", TestKeys.Secret), keys, Policy);
        }

        Assert.InRange(parsed, 100, Count / 4);
    }

    private static string Characters(Stream source)
    {
        var characters = new char[source.Below(200)];
        for (var i = 0; i < characters.Length; i++)
            characters[i] = source.Below(4) == 0 ? '.' : (char)source.Below(source.Below(2) == 0 ? 128 : 65_536);
        return new(characters);
    }

    private static string Parts(Stream source) =>
        string.Join('.', Enumerable.Range(0, source.Below(6)).Select(_ => Base64Url.EncodeToString(source.Bytes(source.Below(80)))));

    private static string Changed(Stream source, string text)
    {
        for (var changes = 1 + source.Below(3); changes > 0; changes--)
        {
            var at = source.Below(text.Length);
            var length = source.Below(Math.Min(4, text.Length - at));
            text = source.Below(3) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, text.Substring(source.Below(text.Length - length), length)),
                _ => $"{text[..at]}{(char)(32 + source.Below(96))}{text[(at + 1)..]}",
            };
        }

        return text;
    }

    // A right HMAC over half of them: then the header and the payload are what decides.
    private static (string Text, bool Signed) Encoded(Stream source, string header, string payload)
    {
        var signed = source.Below(2) == 0;
        var text = TestTokens.Signed(header, payload, input => signed
            ? HMACSHA256.HashData(TestKeys.Secret, input)
            : source.Bytes(source.Below(300) + 1));
        return (text, signed);
    }

    private static string Json(Stream source)
    {
        string[] names = ["alg", "kid", "typ", "crit", "jku", "keys", "kty", "n", "e", "x", "y", "crv", "use", "key_ops", "sub", "\\u0061", "\\ud800"];
        string[] values = ["1", "1e999", "-0", "null", "true", "[]", "{}", "\"\"", "\"RS256\"", "\"HS256\"", "\"RSA\"", "\"EC\"", "\"P-256\"",
            "\"AQAB\"", "\"\\ud800\"", "\"\\u0000\"", "[[[[[[[[[[[[[[[[[[", "{\"a\":{\"a\":1}}", "\"\uFFFD\"", "'", "NaN"];
        var members = Enumerable.Range(0, source.Below(6))
            .Select(_ => $"\"{names[source.Below(names.Length)]}\":{values[source.Below(values.Length)]}");
        return $"{{{string.Join(source.Below(10) == 0 ? ",," : ",", members)}}}";
    }

    /// <summary>Bytes from a seed: SHA-256 in counter mode, so a failure can be seen again.</summary>
    private sealed class Stream(int seed)
    {
        private readonly byte[] _block = new byte[12];
        private long _counter;

        public int Below(int bound) => bound == 0 ? 0 : (int)(BinaryPrimitives.ReadUInt32LittleEndian(Next()) % (uint)bound);

        public byte[] Bytes(int count)
        {
            var bytes = new List<byte>(count + 32);
            while (bytes.Count < count)
                bytes.AddRange(Next());
            return [.. bytes.Take(count)];
        }

        private byte[] Next()
        {
            BinaryPrimitives.WriteInt32LittleEndian(_block, seed);
            BinaryPrimitives.WriteInt64LittleEndian(_block.AsSpan(4), _counter++);
            return SHA256.HashData(_block);
        }
    }
}
