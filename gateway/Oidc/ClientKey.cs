using System.Buffers;
using System.Text;
using System.Text.Json;
using OrgGateway.Configuration;
using OrgGateway.Jose;

namespace OrgGateway.Oidc;

/// <summary>The key of <c>private_key_jwt</c>, from the file that the options name.</summary>
internal static class ClientKey
{
    // PS and ES algorithms are what FAPI 2.0 §5.4 allows; RS256 is what every provider has.
    private static readonly string[] Algorithms = ["RS256", "PS256", "ES256", "ES384", "ES512"];

    /// <exception cref="ArgumentException">No such key, or not one for the algorithm; never quotes the file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public static JwsSigner Read(IdentityProviderOptions options) =>
        JwsSigner.FromPem(File.ReadAllText(options.SigningKeyFile!), options.SigningAlgorithm, options.SigningKeyId);

    public static void Check(IdentityProviderOptions options, string path, Faults faults)
    {
        if (options.SigningAlgorithm is { } algorithm && !Algorithms.Contains(algorithm))
            faults.Add(path + ":SigningAlgorithm", $"'{algorithm}' is unknown; allowed are {string.Join(", ", Algorithms)}");
        else if (string.IsNullOrEmpty(options.SigningKeyFile))
            faults.Add(path + ":SigningKeyFile", "missing; private_key_jwt needs a file with a private key in PEM form (PKCS#8)");
        else
            CheckFile(options, path + ":SigningKeyFile", faults);
    }

    /// <returns>The public key as a JWK, to be registered at the provider.</returns>
    public static string PublicJwk(IdentityProviderOptions options)
    {
        using var signer = Read(options);
        var jwk = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(jwk))
            signer.WritePublicJwk(json);
        return Encoding.UTF8.GetString(jwk.WrittenSpan);
    }

    private static void CheckFile(IdentityProviderOptions options, string setting, Faults faults)
    {
        try
        {
            Read(options).Dispose();
        }
        catch (ArgumentException exception)
        {
            faults.Add(setting, $"cannot be used: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            faults.Add(setting, $"'{options.SigningKeyFile}' cannot be read");
        }
    }
}
