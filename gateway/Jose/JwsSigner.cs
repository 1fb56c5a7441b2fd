using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrgGateway.Jose;

/// <summary>
/// Signs JWTs with one private key. Every member may be called concurrently. The key handed in is copied: its owner disposes it.
/// </summary>
public sealed class JwsSigner : IDisposable
{
    private readonly JwsAlgorithm _algorithm;
    private readonly PublicJwk _publicJwk;
    private readonly KeyPool<AsymmetricAlgorithm> _pool;
    private readonly int _signatureBytes;

    // The types are the program's own few constants, so this does not grow.
    private readonly ConcurrentDictionary<string, byte[]> _headers = new(StringComparer.Ordinal);

    /// <summary>Signs with the algorithm of the key's curve: ES256, ES384 or ES512.</summary>
    /// <exception cref="ArgumentException">The key is on another curve or has no private part.</exception>
    public JwsSigner(ECDsa key, string kid)
    {
        var parameters = PrivateParameters(key, key.ExportParameters);
        var curve = EcCurve.Of(parameters)
            ?? throw new ArgumentException("The key is on none of P-256, P-384 and P-521.", nameof(key));
        _algorithm = JwsAlgorithm.Of(curve);
        _signatureBytes = curve.SignatureBytes;
        _publicJwk = PublicJwk.Of(key);
        _pool = new(() => ECDsa.Create(parameters));
        Kid = Checked(kid);
    }

    /// <summary>Signs with one of the RS and PS algorithms.</summary>
    /// <exception cref="ArgumentException">The algorithm is none of RSA's, the key is too small or large, or has no private part.</exception>
    public JwsSigner(RSA key, string alg, string kid)
    {
        if (JwsAlgorithm.Find(alg) is not { Padding: not null } algorithm)
            throw new ArgumentException($"{alg} is no algorithm of an RSA key.", nameof(alg));
        if (key.KeySize is < RsaPublicKey.MinBits or > RsaPublicKey.MaxBits)
            throw new ArgumentException($"An RSA key has {RsaPublicKey.MinBits} to {RsaPublicKey.MaxBits} bits.", nameof(key));

        var parameters = PrivateParameters(key, key.ExportParameters);
        _algorithm = algorithm;
        _signatureBytes = parameters.Modulus!.Length;
        _publicJwk = PublicJwk.Of(key);
        _pool = new(() => RSA.Create(parameters));
        Kid = Checked(kid);
    }

    public string Kid { get; }

    public string Algorithm => _algorithm.Name;

    /// <param name="pem">A private key, unencrypted: PKCS#8, or the older forms of EC and RSA keys.</param>
    /// <param name="alg">Null for the algorithm of the curve, or RS256, the one every provider has, for an RSA key.</param>
    /// <param name="kid">Null for the key's <see cref="Thumbprint"/>.</param>
    /// <exception cref="ArgumentException">The text holds no such key, or the algorithm is not the key's. Never quotes the text.</exception>
    public static JwsSigner FromPem(string pem, string? alg, string? kid)
    {
        using var ec = ECDsa.Create();
        if (TryImport(ec, pem))
        {
            var signer = new JwsSigner(ec, kid ?? Thumbprint(ec));
            if (alg is null || alg == signer.Algorithm)
                return signer;

            signer.Dispose();
            throw new ArgumentException($"A key on this curve signs with {signer.Algorithm}, not {alg}.", nameof(alg));
        }

        using var rsa = RSA.Create();
        if (TryImport(rsa, pem))
            return new(rsa, alg ?? "RS256", kid ?? Thumbprint(rsa));

        throw new ArgumentException("No unencrypted RSA or EC private key in PEM form.", nameof(pem));
    }

    /// <summary>The SHA-256 thumbprint of a key's public part (RFC 7638).</summary>
    public static string Thumbprint(AsymmetricAlgorithm key) => PublicJwk.Of(key).Thumbprint();

    /// <returns>The token in compact form. Always typed, so that a token made for one use is not taken for another (RFC 8725 §3.11).</returns>
    public string Sign(string typ, ReadOnlySpan<byte> payloadUtf8Json)
    {
        var header = _headers.GetOrAdd(typ, static (type, signer) => signer.EncodeHeader(type), this);
        var inputLength = header.Length + Base64Url.GetEncodedLength(payloadUtf8Json.Length);
        var length = inputLength + 1 + Base64Url.GetEncodedLength(_signatureBytes);

        var token = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            header.CopyTo(token, 0);
            Base64Url.EncodeToUtf8(payloadUtf8Json, token.AsSpan(header.Length));
            token[inputLength] = (byte)'.';

            Span<byte> signature = stackalloc byte[RsaPublicKey.MaxBits / 8];
            signature = signature[.._signatureBytes];
            SignInput(token.AsSpan(0, inputLength), signature);
            Base64Url.EncodeToUtf8(signature, token.AsSpan(inputLength + 1));
            return Encoding.ASCII.GetString(token, 0, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(token);
        }
    }

    /// <summary>Writes the public key as one JWK object, for a key set.</summary>
    public void WritePublicJwk(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        _publicJwk.WriteMembers(writer);
        writer.WriteString("use"u8, "sig"u8);
        writer.WriteString("alg"u8, Algorithm);
        writer.WriteString("kid"u8, Kid);
        writer.WriteEndObject();
    }

    public void Dispose() => _pool.Close();

    private static string Checked(string kid) => kid.Length is > 0 and <= JwsHeader.MaxKidLength
        ? kid
        : throw new ArgumentException($"A key id has 1 to {JwsHeader.MaxKidLength} characters.", nameof(kid));

    private static TParameters PrivateParameters<TParameters>(AsymmetricAlgorithm key, Func<bool, TParameters> export)
    {
        try
        {
            return export(true);
        }
        catch (CryptographicException e)
        {
            throw new ArgumentException("The key has no private part, or does not give it away.", nameof(key), e);
        }
    }

    private static bool TryImport(AsymmetricAlgorithm key, string pem)
    {
        try
        {
            key.ImportFromPem(pem);
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    private void SignInput(ReadOnlySpan<byte> input, Span<byte> signature)
    {
        var key = _pool.Rent();
        var written = key switch
        {
            ECDsa ec => ec.SignData(input, signature, _algorithm.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
            RSA rsa => rsa.SignData(input, signature, _algorithm.Hash, _algorithm.Padding!),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        _pool.Return(key);
        if (written != signature.Length)
            throw new CryptographicException("The signature has not the length of its algorithm.");
    }

    /// <returns>The encoded header and the dot behind it.</returns>
    private byte[] EncodeHeader(string typ)
    {
        var json = new ArrayBufferWriter<byte>();

        // The header goes into no web page: "at+jwt" is written with its plus.
        using (var writer = new Utf8JsonWriter(json, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("alg"u8, Algorithm);
            writer.WriteString("typ"u8, typ);
            writer.WriteString("kid"u8, Kid);
            writer.WriteEndObject();
        }

        return [.. Base64Url.EncodeToUtf8(json.WrittenSpan), (byte)'.'];
    }
}
