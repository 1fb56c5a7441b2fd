using OrgGateway.Jose;
using OrgGateway.Tests.Jose;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Published key sets: no weak, private or foreign key comes out, and none fits an algorithm of another type.</summary>
internal sealed class JwksTarget : FuzzTarget
{
    private const string Modulus = "u1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0_IzW7yWR7QkrmBL7jTKEn5u-qKhbwKfBstIs-bMY2Zkp18gnTxKLxoS2tFczGkPLPgizskuemMghRniWaoLcyehkd3qqGElvW_VDL5AaWTg0nLVkjRo9z-40RQzuVaE8AkAFmxZzow3x-VJYKdjykkJ0iT9wCS0DRTXu269V264Vf_3jvredZiKRkgwlL9xNAwxXFg0x_XFw005UWVRIkdgcKWTjpBP2dPwVZ4WWC-9aGVd-Gyn1o0CLelf4rEjGoXbAAEgAqeGUxrcIlbjXfbcmw";

    private readonly JsonGrammar _grammar = new(
        $$"""{"keys":[{{TestKeys.Jwk(FuzzKeys.Ec, "ec").ToJsonString()}},{"kty":"RSA","kid":"rsa","use":"sig","alg":"RS256","n":"{{Modulus}}","e":"AQAB"}]}""",
        """{"keys":[{"kty":"oct","kid":"o","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}""",
        $$"""{"keys":[{"kty":"RSA","kid":"even","key_ops":["verify"],"n":"{{Modulus}}","e":"AQAA"},{"kty":"RSA","n":"{{Modulus}}","e":"AQ"},{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"},{"kty":"EC","crv":"P-384","use":"enc","x":"","y":""}]}""");

    public override string Name => "jwks";
    public override int Inputs => 2000;
    public override IReadOnlyList<string> Words { get; } = [.. Fuzz.Words.Json, "\"kty\"", "\"RSA\"", "\"EC\"", "\"oct\"", "\"crv\"", "\"P-256\"", "\"P-521\"", "\"n\"", "\"e\"", "\"x\"", "\"y\"", "\"use\"", "\"enc\"", "\"key_ops\"", "AQAB", Modulus];
    public override long Allocated => 512 * 1024;

    public override byte[] Generate(SeededNumbers numbers) => Bytes(_grammar.Text(numbers));

    public override FuzzOutcome Try(byte[] input)
    {
        if (JsonWebKeySet.TryParse(input) is not { } set)
            return FuzzOutcome.Refuse();
        FuzzViolation.Unless(set.Keys.Count <= 100, "more keys than are looked at");
        foreach (var key in set.Keys)
        {
            FuzzViolation.Unless(key.Kty is "RSA" or "EC", $"a key of type {key.Kty} is taken from a published set");
            FuzzViolation.Unless(key.Kid is null || key.Kid.Length <= 256, "a key id without bound");
            foreach (var alg in Jws.Algorithms)
                FuzzViolation.Unless(!key.Fits(alg) || (alg.StartsWith(key.Kty == "RSA" ? 'R' : 'E') || (alg[0] == 'P' && key.Kty == "RSA")), $"a key of type {key.Kty} fits {alg}");
            FuzzViolation.Unless(key.Use is null or "sig" || !Jws.Algorithms.Any(key.Fits), "a key for something else fits");
        }
        return FuzzOutcome.Accept(string.Join(' ', set.Keys.Select(key => $"{key.Kty}{key.Alg}{key.Use}{key.Kid is null}{Jws.Algorithms.Count(key.Fits)}")));
    }
}
