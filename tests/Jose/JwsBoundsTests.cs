using System.Diagnostics;
using System.Text;
using System.Text.Json;
using OrgGateway.Jose;
using static OrgGateway.Tests.Jose.TestTokens;

namespace OrgGateway.Tests.Jose;

/// <summary>Tokens that are large, deep or ambiguous. Every signature here is right.</summary>
public sealed class JwsBoundsTests
{
    private const string Header = """{"alg":"RS256","kid":"rsa"}""";

    private static readonly JwsPolicy Policy = TestKeys.Policy("RS256");
    private static readonly JsonWebKeySet Keys = TestKeys.Set(TestKeys.Jwk(TestKeys.Rsa, "rsa"));

    [Fact, Trait("Row", "T91")]
    public void A_token_over_16_KiB_is_refused()
    {
        // The longest token that fits, then one more byte of payload: one or two more characters.
        var overhead = Rs256(Header, string.Empty).Length;
        var room = (Jws.MaxTokenLength - overhead) * 3 / 4;

        var fits = Rs256(Header, Padded("""{"a":""}""", room));
        var tooLong = Rs256(Header, Padded("""{"a":""}""", room + 1));

        Assert.InRange(fits.Length, Jws.MaxTokenLength - 1, Jws.MaxTokenLength);
        Assert.InRange(tooLong.Length, Jws.MaxTokenLength + 1, Jws.MaxTokenLength + 2);
        Assert.IsType<JwsResult.Valid>(Jws.Verify(fits, Keys, Policy));
        Assert.True(Jws.TryReadUnverified(fits, out _, out _));
        Assert.Equal(JwsFault.TooLarge, Fault(tooLong));
        Assert.False(Jws.TryReadUnverified(tooLong, out _, out _));
        Assert.Equal(JwsFault.TooLarge, Fault(new string('a', 10_000_000)));
    }

    [Theory]
    [InlineData(3_072, true)]
    [InlineData(3_073, false)]
    public void A_header_is_bounded_to_a_part_of_the_token(int bytes, bool accepted)
    {
        var header = Padded("""{"alg":"RS256","kid":"rsa","x":""}""", bytes);
        var token = Rs256(header);

        Assert.Equal(accepted, Jws.TryReadUnverified(token, out _, out _));
        Assert.Equal(accepted ? null : JwsFault.TooLarge, (Jws.Verify(token, Keys, Policy) as JwsResult.Refused)?.Fault);
    }

    [Theory, Trait("Row", "T91")]
    [InlineData(15, true)]
    [InlineData(16, false)]
    [InlineData(5_000, false)]
    public void Claims_nested_deep_are_refused(int levels, bool accepted)
    {
        var token = Rs256(Header, $$"""{"a":{{new string('[', levels)}}{{new string(']', levels)}}}""");

        Assert.Equal(accepted, Jws.Verify(token, Keys, Policy) is JwsResult.Valid);
        Assert.Equal(accepted, Jws.TryReadUnverified(token, out _, out _));
    }

    [Fact, Trait("Row", "T91")]
    public void A_header_or_payload_of_20_000_levels_is_refused()
    {
        var deep = $$"""{"alg":"RS256","kid":"rsa","a":{{new string('[', 20_000)}}{{new string(']', 20_000)}}}""";

        Assert.Equal(JwsFault.TooLarge, Fault(Rs256(Header, deep)));
        Assert.Equal(JwsFault.TooLarge, Fault(Rs256(deep)));
        Assert.False(Jws.TryReadUnverified(Rs256(Header, deep), out _, out _));
        Assert.Equal(JwsFault.Malformed, Fault(Rs256($$"""{"alg":"RS256","a":{{new string('[', 2_000)}}""")));
        Assert.Null(JsonWebKeySet.TryParse(Encoding.UTF8.GetBytes($$"""{"keys":{{new string('[', 20_000)}}{{new string(']', 20_000)}}}""")));
    }

    [Theory, Trait("Row", "T91")]
    [InlineData("""{"sub":"alice","sub":"bob"}""")]
    [InlineData("""{"sub":"alice","sub":"alice"}""")]
    [InlineData("""{"sub":"alice","\u0073ub":"bob"}""")]
    [InlineData("""{"\u0073ub":"alice","s\u0075b":"bob"}""")]
    [InlineData("""{"sub":"alice","realm_access":{"roles":["user"],"roles":["admin"]}}""")]
    [InlineData("""{"sub":"alice","a":[{"b":1,"b":2}]}""")]
    public void Duplicate_claim_names_never_pick_a_value(string payload)
    {
        var token = Rs256(Header, payload);

        Assert.Equal(JwsFault.Malformed, Fault(token));
        Assert.False(Jws.TryReadUnverified(token, out _, out var read));
        Assert.Equal(JsonValueKind.Undefined, read.ValueKind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"alice\"")]
    [InlineData("{} {}")]
    [InlineData("{\"sub\":\"alice\",}")]
    [InlineData("{\"sub\":'alice'}")]
    [InlineData("\uFEFF{\"sub\":\"alice\"}")]
    [InlineData("{\"sub\":\"\\ud800\"}")]
    [InlineData("{\"\\udc00\":1}")]
    [InlineData("{\"sub\":\"\\ud800\\ud800\"}")]
    public void A_payload_that_is_no_sound_JSON_object_is_refused(string payload)
    {
        Assert.Equal(JwsFault.Malformed, Fault(Rs256(Header, payload)));
        Assert.False(Jws.TryReadUnverified(Rs256(Header, payload), out _, out _));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC0, 0xAF })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xE2, 0x82 })]
    public void A_payload_that_is_not_UTF8_is_refused(byte[] text)
    {
        byte[] payload = [.. "{\"sub\":\""u8, .. text, .. "\"}"u8];
        var token = Signed(Encoding.UTF8.GetBytes(Header), payload, input => TestKeys.Rsa.SignData(
            input, System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.RSASignaturePadding.Pkcs1));

        Assert.Equal(JwsFault.Malformed, Fault(token));
        Assert.False(Jws.TryReadUnverified(token, out _, out _));
    }

    [Fact]
    public void Escapes_that_are_whole_are_read()
    {
        var valid = Assert.IsType<JwsResult.Valid>(Jws.Verify(Rs256(Header, """{"n\u0061me":"\ud83d\ude00\u0000"}"""), Keys, Policy));

        Assert.Equal("\U0001F600\0", valid.Payload.GetProperty("name").GetString());
    }

    [Fact]
    public void The_payload_outlives_the_check()
    {
        var kept = Enumerable.Range(0, 200)
            .Select(i => Jws.Verify(Rs256(Header, $$"""{"sub":"subject {{i}}"}"""), Keys, Policy))
            .ToList();
        GC.Collect();

        Assert.All(kept, (result, i) =>
            Assert.Equal($"subject {i}", Assert.IsType<JwsResult.Valid>(result).Payload.GetProperty("sub").GetString()));
    }

    [Fact, Trait("Row", "T91")]
    public void A_hostile_token_costs_no_more_time_than_a_normal_one_of_its_size()
    {
        // The normal one: as long as allowed, with many claims, and right.
        var many = string.Join(',', Enumerable.Range(0, 1_000).Select(i => $"\"c{i}\":1"));
        var normal = Rs256(Header, $"{{{many}}}");
        Assert.IsType<JwsResult.Valid>(Jws.Verify(normal, Keys, Policy));
        var hostile = new Dictionary<string, string>
        {
            ["10 MB"] = new('a', 10_000_000),
            ["10 MB of dots"] = new('.', 10_000_000),
            ["16 KiB of dots"] = new('.', Jws.MaxTokenLength),
            ["20,000 levels"] = Rs256(Header, new string('[', 20_000)),
            ["10,000 levels"] = Rs256(Header, new string('[', 10_000)),
            ["10,000 levels in the header"] = Rs256(new string('[', 10_000)),
            ["duplicate claims"] = Rs256(Header, $"{{{many},\"c999\":2}}"),
            ["one name a thousand times"] = Rs256(Header, $"{{{string.Join(',', Enumerable.Repeat("\"sub\":1", 1_000))}}}"),
            ["duplicate header members"] = Rs256($"{{{many},\"c999\":2}}"),
            ["escapes"] = Rs256(Header, $"{{\"a\":\"{string.Concat(Enumerable.Repeat("\\u0061", 1_800))}\\ud800\"}}"),
        };

        var allowed = 10 * Median(normal); // wide enough for a busy machine; what grows faster than the token is far beyond it
        foreach (var (name, token) in hostile)
        {
            Assert.IsType<JwsResult.Refused>(Jws.Verify(token, Keys, Policy));
            var took = Median(token);
            Assert.True(took < allowed, $"{name}: {took.TotalMicroseconds} µs, allowed {allowed.TotalMicroseconds} µs");
        }
    }

    // The median: a pause of the machine in between is not the token's doing.
    private static TimeSpan Median(string token)
    {
        var times = new TimeSpan[101];
        for (var i = 0; i < times.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Jws.Verify(token, Keys, Policy);
            Jws.TryReadUnverified(token, out _, out _);
            times[i] = Stopwatch.GetElapsedTime(start);
        }

        Array.Sort(times);
        return times[times.Length / 2];
    }

    /// <summary>The object, whose last member is an empty string, with that string filled up.</summary>
    private static string Padded(string json, int bytes) => json.Insert(json.Length - 2, new string('x', bytes - json.Length));

    private static JwsFault Fault(string token) => Assert.IsType<JwsResult.Refused>(Jws.Verify(token, Keys, Policy)).Fault;
}
