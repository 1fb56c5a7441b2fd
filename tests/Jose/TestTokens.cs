using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Tests.Jose;

/// <summary>Tokens of any header and payload, however wrong, with a right signature: what is refused is then not the signature.</summary>
internal static class TestTokens
{
    public const string Claims = """{"iss":"https://idp.example","sub":"alice","exp":1300819380}""";

    public static string Rs256(string header, string payload = Claims, RSA? key = null) =>
        Signed(header, payload, input => (key ?? TestKeys.Rsa).SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    public static string Es256(string header, string payload = Claims) =>
        Signed(header, payload, input => TestKeys.P256.SignData(input, HashAlgorithmName.SHA256));

    public static string Hs256(string header, byte[] secret, string payload = Claims) =>
        Signed(header, payload, input => HMACSHA256.HashData(secret, input));

    public static string Signed(string header, string payload, Func<byte[], byte[]> sign) =>
        Signed(Encoding.UTF8.GetBytes(header), Encoding.UTF8.GetBytes(payload), sign);

    public static string Signed(byte[] header, byte[] payload, Func<byte[], byte[]> sign)
    {
        var input = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(payload)}";
        return $"{input}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(input)))}";
    }

    public static string WithSignature(string token, byte[] signature) =>
        $"{token[..token.LastIndexOf('.')]}.{Base64Url.EncodeToString(signature)}";

    public static byte[] SignatureOf(string token) => Base64Url.DecodeFromChars(token.AsSpan(token.LastIndexOf('.') + 1));
}
