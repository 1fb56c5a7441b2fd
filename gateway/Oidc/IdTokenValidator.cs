using System.Diagnostics;
using System.Text.Json;
using OrgGateway.Jose;

namespace OrgGateway.Oidc;

/// <summary>
/// Validates ID Tokens (OpenID Connect Core §3.1.3.7, §12.2). The signature is always checked, though in the code flow TLS would
/// be enough: the token outlives the connection it came by.
/// </summary>
public sealed class IdTokenValidator(TimeProvider time, ILogger logger)
{
    internal const string SymmetricAlgorithm = "HS256";

    public async Task<IdTokenResult> ValidateAsync(IdentityProvider provider, string idToken, IdTokenExpectation expected, CancellationToken cancellationToken)
    {
        // The issuer is pinned by the document, so there is none to compare with before it was read.
        if (await provider.GetMetadataAsync(cancellationToken) is not { } metadata || await VerifyAsync(provider, idToken, cancellationToken) is not { } verified)
        {
            logger.IdTokenUnchecked(provider.Name);
            return new IdTokenResult.Unavailable();
        }

        if (Refusal(verified, provider.Options, metadata.Issuer, expected) is { } refusal)
        {
            logger.IdTokenRefused(provider.Name, refusal);
            return new IdTokenResult.Refused(refusal);
        }

        return new IdTokenResult.Valid(IdTokenClaims.Token(idToken, ((JwsResult.Valid)verified).Payload));
    }

    /// <returns>What is wrong, or null: only of a token with a right signature.</returns>
    private string? Refusal(JwsResult verified, IdentityProviderOptions options, string issuer, IdTokenExpectation expected) => verified switch
    {
        JwsResult.Refused(var fault, _) => $"signature: {fault}",
        JwsResult.Valid(var header, _) when header.Typ is { } typ && !IsJwt(typ) => "typ is that of another kind of token",
        JwsResult.Valid(var header, var claims) => new IdTokenClaims(claims, options, issuer, time.GetUtcNow()).Refusal(header.Alg, expected),
        _ => throw new UnreachableException(),
    };

    /// <returns>Null when there are no keys.</returns>
    internal static async Task<JwsResult?> VerifyAsync(IdentityProvider provider, string idToken, CancellationToken cancellationToken)
    {
        var options = provider.Options;
        var allowed = options.EffectiveIdTokenAlgorithms().ToHashSet(StringComparer.Ordinal);

        // Secret and published keys never meet in one set: a public key taken for a secret would let anybody sign (RFC 8725 §2.1).
        // The header is believed only in so far as it chooses among what is configured.
        if (allowed.Remove(SymmetricAlgorithm) && Jws.TryReadUnverified(idToken, out var header, out _) && header.Alg == SymmetricAlgorithm)
        {
            var secret = new JsonWebKeySet([JsonWebKey.FromSymmetric(options.SecretBytes(), header.Kid)]);
            return Jws.Verify(idToken, secret, new(new HashSet<string> { SymmetricAlgorithm }));
        }

        if (await provider.GetKeysAsync(cancellationToken) is not { } keys)
            return null;

        var policy = new JwsPolicy(allowed) { TryAllKeysWithoutKid = options.TryAllKeysWithoutKid };
        var result = Jws.Verify(idToken, keys, policy);

        // Rotated just before signing: this very token is tried again with what is published now. Without a key id, rotation
        // shows as a wrong signature.
        if (result is not (JwsResult.Refused(JwsFault.UnknownKey, _) or JwsResult.Refused(JwsFault.BadSignature, null)))
            return result;
        return await provider.RefetchKeysAsync(((JwsResult.Refused)result).Kid, cancellationToken) is { } rotated
            ? Jws.Verify(idToken, rotated, policy)
            : null;
    }

    // An ID Token has no typ, or this one; access and logout tokens are typed at+jwt and logout+jwt (RFC 8725 §3.11).
    private static bool IsJwt(string typ) =>
        typ.Equals("JWT", StringComparison.OrdinalIgnoreCase) || typ.Equals("application/jwt", StringComparison.OrdinalIgnoreCase);
}
