using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrgGateway.Jose;

/// <summary>The public members of a key as a JWK writes them, in the order RFC 7638 §3 hashes them. Never a private one.</summary>
internal sealed class PublicJwk
{
    private readonly (string Name, string Value)[] _members;

    private PublicJwk(params (string Name, string Value)[] members) => _members = members;

    public static PublicJwk Of(AsymmetricAlgorithm key) => key switch
    {
        ECDsa ec => Of(ec.ExportParameters(includePrivateParameters: false)),
        RSA rsa => Of(rsa.ExportParameters(includePrivateParameters: false)),
        _ => throw new ArgumentException("Neither an RSA nor an EC key.", nameof(key)),
    };

    public string Thumbprint()
    {
        var json = string.Join(',', _members.Select(member => $"\"{member.Name}\":\"{member.Value}\""));
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($"{{{json}}}")));
    }

    public void WriteMembers(Utf8JsonWriter writer)
    {
        foreach (var (name, value) in _members)
            writer.WriteString(name, value);
    }

    private static PublicJwk Of(RSAParameters key) => new(
        ("e", Base64Url.EncodeToString(key.Exponent)),
        ("kty", "RSA"),
        ("n", Base64Url.EncodeToString(key.Modulus)));

    private static PublicJwk Of(ECParameters key) => new(
        ("crv", EcCurve.Of(key)?.Name ?? throw new ArgumentException("The key is on none of P-256, P-384 and P-521.", nameof(key))),
        ("kty", "EC"),
        ("x", Base64Url.EncodeToString(key.Q.X)),
        ("y", Base64Url.EncodeToString(key.Q.Y)));
}
