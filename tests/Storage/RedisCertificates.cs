using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrgGateway.Tests.Storage;

/// <summary>A private authority, and the certificate of a server named localhost that it signed.</summary>
internal static class RedisCertificates
{
    public static string[] Arguments(string folder) =>
        ["--tls-cert-file", Path.Combine(folder, "server.pem"), "--tls-key-file", Path.Combine(folder, "server.key"), "--tls-ca-cert-file", Authority(folder), "--tls-auth-clients", "no"];

    public static string Authority(string folder) => Path.Combine(folder, "ca.pem");

    public static void Write(string folder)
    {
        var (from, to) = (TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Authority of the tests", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        using var authority = authorityRequest.CreateSelfSigned(from, to);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, from, to.AddHours(-1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(Authority(folder), authority.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "server.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "server.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
