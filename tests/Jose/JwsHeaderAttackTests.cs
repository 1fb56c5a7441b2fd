using System.Text;
using OrgGateway.Jose;
using static OrgGateway.Tests.Jose.TestTokens;

namespace OrgGateway.Tests.Jose;

/// <summary>Headers that bring a key, change the reading, or ask for a key that is not meant. Every signature here is right.</summary>
public sealed class JwsHeaderAttackTests
{
    private static readonly JwsPolicy Default = TestKeys.Policy("RS256", "PS256", "ES256");
    private static readonly JsonWebKeySet Keys = TestKeys.Set(TestKeys.Jwk(TestKeys.Rsa, "rsa"), TestKeys.Jwk(TestKeys.P256, "ec"));

    [Theory, Trait("Row", "T87"), Trait("Row", "O9")]
    [InlineData("jku", "\"https://attacker.example/keys\"")]
    [InlineData("x5u", "\"https://attacker.example/chain\"")]
    [InlineData("jwk", "JWK")]
    [InlineData("x5c", "[\"MIIB\"]")]
    [InlineData("jku", "null")]
    [InlineData("jwk", "{}")]
    public void A_key_or_its_address_in_the_header_is_never_used(string member, string value)
    {
        var attacker = TestKeys.Jwk(TestKeys.OtherRsa, "rsa");
        var header = $$"""{"alg":"RS256","kid":"rsa","{{member}}":{{value.Replace("JWK", attacker.ToJsonString(), StringComparison.Ordinal)}}}""";

        // Signed by the attacker's key, which the header offers: no signature of the issuer's. By the issuer's own: the header changes nothing.
        Assert.Equal(JwsFault.BadSignature, Fault(Rs256(header, key: TestKeys.OtherRsa)));
        Assert.IsType<JwsResult.Valid>(Jws.Verify(Rs256(header), Keys, Default));

        // Written another way, the name is the same name.
        var escaped = header.Replace($"\"{member}\"", $"\"\\u{(int)member[0]:x4}{member[1..]}\"", StringComparison.Ordinal);
        Assert.Equal(JwsFault.BadSignature, Fault(Rs256(escaped, key: TestKeys.OtherRsa)));
    }

    [Fact, Trait("Row", "T87")]
    public void The_attackers_signature_fails_without_such_a_header_too() =>
        Assert.Equal(JwsFault.BadSignature, Fault(Rs256("""{"alg":"RS256","kid":"rsa"}""", key: TestKeys.OtherRsa)));

    [Theory, Trait("Row", "T88")]
    [InlineData("\"crit\":[\"exp\"],\"exp\":1")]
    [InlineData("\"crit\":[]")]
    [InlineData("\"crit\":[\"b64\"],\"b64\":false")]
    [InlineData("\"b64\":false")]
    [InlineData("\"b64\":true")]
    [InlineData("\"zip\":\"DEF\"")]
    [InlineData("\"zip\":null")]
    public void An_extension_that_changes_the_reading_is_refused(string members)
    {
        Assert.Equal(JwsFault.ForbiddenHeader, Fault(Rs256($$"""{"alg":"RS256","kid":"rsa",{{members}}}""")));
        Assert.Equal(JwsFault.ForbiddenHeader, Fault(Rs256($$"""{{{members}},"alg":"RS256","kid":"rsa"}""")));
    }

    [Fact]
    public void A_member_without_meaning_here_is_ignored() =>
        Assert.IsType<JwsResult.Valid>(
            Jws.Verify(Rs256("""{"alg":"RS256","kid":"rsa","x5t":"AAAA","cty":"x","other":{"jku":"deep"}}"""), Keys, Default));

    [Theory, Trait("Row", "T89")]
    [InlineData("../../../../dev/null")]
    [InlineData("' UNION SELECT 'AA")]
    [InlineData("rsa\\u0000")]
    [InlineData("RSA")]
    [InlineData("")]
    [InlineData("ec")]
    public void A_kid_that_names_no_fitting_key_is_refused(string kid)
    {
        var refused = Assert.IsType<JwsResult.Refused>(Jws.Verify(Rs256($$"""{"alg":"RS256","kid":"{{kid}}"}"""), Keys, Default));

        Assert.Equal(JwsFault.UnknownKey, refused.Fault);
        Assert.Equal(kid.Replace("\\u0000", "\0", StringComparison.Ordinal), refused.Kid);
    }

    [Theory, Trait("Row", "T89")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("[\"rsa\"]")]
    [InlineData("{\"kid\":\"rsa\"}")]
    [InlineData("\"\\ud800\"")]
    public void A_kid_that_is_no_string_is_refused(string kid) =>
        Assert.Equal(JwsFault.Malformed, Fault(Rs256($$"""{"alg":"RS256","kid":{{kid}}}""")));

    [Theory, Trait("Row", "T89")]
    [InlineData(256, JwsFault.UnknownKey)]
    [InlineData(257, JwsFault.Malformed)]
    [InlineData(10_240, JwsFault.TooLarge)]
    public void A_kid_is_bounded(int length, JwsFault fault) =>
        Assert.Equal(fault, Fault(Rs256($$"""{"alg":"RS256","kid":"{{new string('k', length)}}"}""")));

    [Fact, Trait("Row", "T89")]
    public void The_kid_of_an_RSA_key_with_an_EC_algorithm_is_refused()
    {
        Assert.Equal(JwsFault.UnknownKey, Fault(Es256("""{"alg":"ES256","kid":"rsa"}""")));
        Assert.Equal(JwsFault.UnknownKey, Fault(Rs256("""{"alg":"RS256","kid":"ec"}""")));
    }

    [Fact, Trait("Row", "T89")]
    public void A_key_for_encryption_and_a_weak_key_are_refused()
    {
        var encryption = TestKeys.Jwk(TestKeys.Rsa, "enc");
        encryption["use"] = "enc";
        var keys = TestKeys.Set(encryption, TestKeys.Jwk(TestKeys.WeakRsa, "weak"));

        var forEncryption = Jws.Verify(Rs256("""{"alg":"RS256","kid":"enc"}"""), keys, Default);
        var weak = Jws.Verify(Rs256("""{"alg":"RS256","kid":"weak"}""", key: TestKeys.WeakRsa), keys, Default);

        Assert.Equal(new JwsResult.Refused(JwsFault.UnknownKey, "enc"), forEncryption);
        Assert.Equal(new JwsResult.Refused(JwsFault.UnknownKey, "weak"), weak);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("\"RS256\"")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("{\"alg\":\"RS256\"")]
    [InlineData("{\"alg\":\"RS256\",}")]
    [InlineData("{\"alg\":\"RS256\"}{}")]
    [InlineData("{\"alg\":\"RS256\"/**/}")]
    [InlineData("\uFEFF{\"alg\":\"RS256\"}")]
    [InlineData("{\"alg\":1}")]
    [InlineData("{\"alg\":null}")]
    [InlineData("{\"alg\":[\"RS256\"]}")]
    [InlineData("{\"Alg\":\"RS256\"}")]
    [InlineData("{\"alg\":\"RS256\",\"typ\":1}")]
    [InlineData("{\"alg\":\"RS256\",\"alg\":\"RS256\"}")]
    [InlineData("{\"alg\":\"RS256\",\"\\u0061lg\":\"none\"}")]
    [InlineData("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"kid\":\"ec\"}")]
    [InlineData("{\"alg\":\"RS256\",\"o\":{\"a\":1,\"a\":2}}")]
    public void A_header_that_two_readers_could_read_differently_is_refused(string header)
    {
        var onlyRsa = TestKeys.Set(TestKeys.Jwk(TestKeys.Rsa));

        Assert.Equal(JwsFault.Malformed, Assert.IsType<JwsResult.Refused>(Jws.Verify(Rs256(header), onlyRsa, Default)).Fault);
    }

    [Fact]
    public void A_header_that_is_not_UTF8_is_refused()
    {
        byte[] header = [.. "{\"alg\":\"RS256\",\"kid\":\""u8, 0xC0, 0xAF, .. "\"}"u8];
        var token = Signed(header, Encoding.UTF8.GetBytes(Claims), SignatureOfRsa);

        Assert.Equal(JwsFault.Malformed, Fault(token));
    }

    [Theory]
    [InlineData("JWT", true)]
    [InlineData("jwt", true)]
    [InlineData("application/JWT", true)]
    [InlineData("APPLICATION/jwt", true)]
    [InlineData("at+jwt", true)]
    [InlineData("logout+jwt", false)]
    [InlineData("application/application/jwt", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_policy_with_types_accepts_those_alone(string? typ, bool accepted)
    {
        var token = Rs256(typ is null ? """{"alg":"RS256","kid":"rsa"}""" : $$"""{"alg":"RS256","kid":"rsa","typ":"{{typ}}"}""");
        var policy = Default with { Types = new HashSet<string> { "JWT", "at+jwt" } };

        var result = Jws.Verify(token, Keys, policy);

        if (accepted)
            Assert.Equal(typ, Assert.IsType<JwsResult.Valid>(result).Header.Typ);
        else
            Assert.Equal(new JwsResult.Refused(JwsFault.TypeNotAllowed, "rsa"), result);
        Assert.IsType<JwsResult.Valid>(Jws.Verify(token, Keys, Default));
    }

    private static byte[] SignatureOfRsa(byte[] input) => TestKeys.Rsa.SignData(
        input, System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.RSASignaturePadding.Pkcs1);

    private static JwsFault Fault(string token) => Assert.IsType<JwsResult.Refused>(Jws.Verify(token, Keys, Default)).Fault;
}
