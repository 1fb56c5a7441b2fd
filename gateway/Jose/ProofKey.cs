using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrgGateway.Jose;

/// <summary>A key that tokens are bound to, and the proofs of having it (DPoP, RFC 9449). One per login; it stays with the session, sealed.</summary>
public sealed class ProofKey
{
    private readonly byte[] _pkcs8;

    private ProofKey(byte[] pkcs8) => _pkcs8 = pkcs8;

    public static ProofKey New()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new(key.ExportPkcs8PrivateKey());
    }

    /// <param name="pkcs8">As <see cref="ToBytes"/> gave it; null or empty for none.</param>
    public static ProofKey? Of(byte[]? pkcs8) => pkcs8 is null or [] ? null : new(pkcs8);

    public byte[] ToBytes() => _pkcs8;

    /// <summary>For <c>dpop_jkt</c>: the code is bound to the key too (RFC 9449 §10).</summary>
    public string Thumbprint()
    {
        using var key = Load();
        return PublicJwk.Of(key).Thumbprint();
    }

    /// <returns>A proof for one request (RFC 9449 §4.2).</returns>
    /// <param name="url">Its query and fragment are left off.</param>
    /// <param name="accessToken">The token that goes with it, at anything but the token endpoint.</param>
    /// <param name="nonce">The server's last one, where it gave any.</param>
    public string Prove(HttpMethod method, Uri url, string? accessToken, string? nonce, DateTimeOffset now)
    {
        using var key = Load();
        var header = Encode(json =>
        {
            json.WriteString("typ"u8, "dpop+jwt"u8);
            json.WriteString("alg"u8, "ES256"u8);
            json.WriteStartObject("jwk"u8);
            PublicJwk.Of(key).WriteMembers(json);
            json.WriteEndObject();
        });
        var payload = Encode(json =>
        {
            json.WriteString("jti"u8, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));
            json.WriteString("htm"u8, method.Method);
            json.WriteString("htu"u8, url.GetLeftPart(UriPartial.Path));
            json.WriteNumber("iat"u8, now.ToUnixTimeSeconds());
            if (accessToken is not null)
                json.WriteString("ath"u8, Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(accessToken))));
            if (nonce is not null)
                json.WriteString("nonce"u8, nonce);
        });
        var input = $"{header}.{payload}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{input}.{Base64Url.EncodeToString(signature)}";
    }

    public override string ToString() => "ProofKey { *** }";

    private ECDsa Load()
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(_pkcs8, out _);
        return key;
    }

    private static string Encode(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return Base64Url.EncodeToString(buffer.WrittenSpan);
    }
}
