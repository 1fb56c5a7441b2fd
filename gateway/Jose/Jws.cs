using System.Buffers;
using System.Buffers.Text;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrgGateway.Jose;

/// <summary>
/// Checks compact JSON Web Signatures (RFC 7515 §7.1) under the rules of RFC 8725. What a token holds is never a reason for an
/// exception, a request or a key. Every member may be called concurrently.
/// </summary>
public static class Jws
{
    /// <summary>In characters, of what anybody may send; anything longer costs no more than the comparison.</summary>
    public const int MaxTokenLength = 16 * 1024;

    /// <summary>A header is read before anyone vouches for it, and none has use for more: a fraction of the token's bound.</summary>
    private const int MaxHeaderLength = 4 * 1024;

    /// <summary>The algorithms a policy can allow.</summary>
    public static FrozenSet<string> Algorithms => JwsAlgorithm.Names;

    /// <summary>Checks a token whose payload is a JSON object, as every JWT's is (RFC 7519 §7.2).</summary>
    public static JwsResult Verify(string compact, JsonWebKeySet keys, JwsPolicy policy) =>
        VerifySignature(compact, keys, policy) switch
        {
            JwsSignatureResult.Valid(var header, var payload) when StrictJson.TryParseObject(payload.Span, out var claims) =>
                new JwsResult.Valid(header, claims),
            JwsSignatureResult.Valid(var header, _) => new JwsResult.Refused(JwsFault.Malformed, header.Kid),
            JwsSignatureResult.Refused(var fault, var kid) => new JwsResult.Refused(fault, kid),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    /// <summary>As <see cref="Verify"/>, for a payload of any kind, which stays unread.</summary>
    public static JwsSignatureResult VerifySignature(string compact, JsonWebKeySet keys, JwsPolicy policy)
    {
        if (compact.Length > policy.MaxLength)
            return Refused(JwsFault.TooLarge);
        if (!CompactJws.TrySplit(compact, out var parts))
            return Refused(JwsFault.Malformed);
        if (parts.Header.Length > MaxHeaderLength)
            return Refused(JwsFault.TooLarge);
        if (StrictBase64Url.TryDecode(parts.Header) is not { } headerJson
            || StrictBase64Url.TryDecode(parts.Signature) is not { } signature
            || StrictBase64Url.TryDecode(parts.Payload) is not { } payload)
            return Refused(JwsFault.Malformed);

        if (JwsHeader.TryParse(headerJson, out var fault) is not { } header)
            return Refused(fault);

        // The policy before the keys: which algorithm is used is never the token's choice (RFC 8725 §2.1, §3.1).
        if (JwsAlgorithm.Find(header.Alg) is not { } algorithm || !policy.Algorithms.Contains(algorithm.Name))
            return Refused(JwsFault.AlgorithmNotAllowed, header);
        if (!policy.Allows(header.Typ))
            return Refused(JwsFault.TypeNotAllowed, header);

        var candidates = keys.Find(algorithm, header.Kid);
        switch (candidates.Count())
        {
            case 0:
                return Refused(JwsFault.UnknownKey, header);
            case > 1 when !policy.TryAllKeysWithoutKid:
                return Refused(JwsFault.AmbiguousKey, header);
        }

        var signingInput = ArrayPool<byte>.Shared.Rent(parts.SigningInput.Length);
        try
        {
            // The parts decoded, so every character is ASCII.
            var length = Encoding.ASCII.GetBytes(parts.SigningInput, signingInput);
            return candidates.AnyVerifies(signingInput.AsSpan(0, length), signature)
                ? new JwsSignatureResult.Valid(header, payload)
                : Refused(JwsFault.BadSignature, header);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(signingInput);
        }
    }

    /// <summary>
    /// Reads a token that nobody vouches for, to choose the issuer whose keys then check it. Nothing else may be decided on it.
    /// </summary>
    public static bool TryReadUnverified(string compact, [NotNullWhen(true)] out JwsHeader? header, out JsonElement payload, int maxLength = MaxTokenLength)
    {
        header = null;
        payload = default;
        if (compact.Length > maxLength || !CompactJws.TrySplit(compact, out var parts)
            || parts.Header.Length > MaxHeaderLength
            || StrictBase64Url.TryDecode(parts.Header) is not { } headerJson
            || StrictBase64Url.TryDecode(parts.Payload) is not { } payloadJson
            || !StrictBase64Url.HasOnlyAlphabet(parts.Signature)
            || !StrictJson.TryParseObject(payloadJson, out var claims))
            return false;

        header = JwsHeader.TryParse(headerJson, out _);
        payload = header is null ? default : claims;
        return header is not null;
    }

    /// <summary>
    /// Whether <c>at_hash</c> or <c>c_hash</c> belongs to the value: the left half of its hash, by the ID Token's algorithm
    /// (OpenID Connect Core §3.1.3.6). Takes the same time wherever they differ.
    /// </summary>
    public static bool HashMatches(string alg, string value, string expectedLeftHalfBase64Url)
    {
        if (JwsAlgorithm.Find(alg) is not { } algorithm)
            return false;

        var digest = algorithm.Digest(Encoding.UTF8.GetBytes(value));
        var leftHalf = Base64Url.EncodeToUtf8(digest.AsSpan(0, digest.Length / 2));
        return CryptographicOperations.FixedTimeEquals(leftHalf, Encoding.UTF8.GetBytes(expectedLeftHalfBase64Url));
    }

    private static JwsSignatureResult.Refused Refused(JwsFault fault, JwsHeader? header = null) => new(fault, header?.Kid);
}
