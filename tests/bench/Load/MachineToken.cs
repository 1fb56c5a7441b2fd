using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Bench.Load;

/// <summary>A bearer token of an issuer that shares a secret with the gateway.</summary>
public static class MachineToken
{
    public const string Issuer = "https://issuer.bench.test";
    public const string Audience = "bench";
    public const string Secret = "a secret of the benchmark, of more than 32 bytes";

    public static string Make()
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var payload = $$$"""{"iss":"{{{Issuer}}}","aud":"{{{Audience}}}","sub":"machine","iat":{{{now}}},"exp":{{{now + 3000}}},"organizations":{"org_acme":{"slug":"acme","roles":["admin"] } } }""";
        var input = Base64Url.EncodeToString("""{"alg":"HS256","typ":"at+jwt"}"""u8) + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload));
        return input + "." + Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.ASCII.GetBytes(input)));
    }
}
