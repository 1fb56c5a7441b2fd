using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using OrgGateway.Jose;

namespace OrgGateway.Oidc;

/// <summary>The client's signed word for itself (RFC 7523 §2.2), a new one for every attempt.</summary>
/// <param name="audience">
/// The provider's issuer, alone and as a string: an assertion for the URL of an endpoint could be taken there by whoever publishes
/// that URL as its own (draft-ietf-oauth-rfc7523bis).
/// </param>
internal sealed class ClientAssertions(JwsSigner signer, string clientId, Func<string> audience, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    public string New()
    {
        var now = time.GetUtcNow();
        var payload = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(payload))
        {
            json.WriteStartObject();
            json.WriteString("iss"u8, clientId);
            json.WriteString("sub"u8, clientId);
            json.WriteString("aud"u8, audience());
            json.WriteString("jti"u8, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));
            json.WriteNumber("iat"u8, now.ToUnixTimeSeconds());
            json.WriteNumber("exp"u8, (now + Lifetime).ToUnixTimeSeconds());
            json.WriteEndObject();
        }

        return signer.Sign("JWT", payload.WrittenSpan);
    }
}
