using System.Security.Cryptography;
using System.Text.Json;
using OrgGateway.Jose;
using OrgGateway.Tests.Jose;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Claims as the gateway gets them: out of a token that was checked.</summary>
internal static class VerifiedClaims
{
    private static readonly byte[] Header = """{"alg":"HS256"}"""u8.ToArray();
    private static readonly JwsPolicy Policy = TestKeys.Policy("HS256");

    /// <returns>Null for what no token can hold.</returns>
    public static JsonElement? Of(byte[] json) =>
        Jws.Verify(TestTokens.Signed(Header, json, input => HMACSHA256.HashData(FuzzKeys.Secret, input)), FuzzKeys.Set, Policy) is JwsResult.Valid(_, var claims) ? claims : null;
}
