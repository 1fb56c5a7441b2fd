using OrgGateway.Jose;

namespace OrgGateway.Oidc;

/// <summary>Checks what a provider has signed: with that provider's keys alone (T77), by the algorithms that the caller allows.</summary>
internal static class ProviderSignatures
{
    public const string SymmetricAlgorithm = "HS256";

    /// <param name="longest">In characters; more than the default for what came from the provider alone.</param>
    /// <returns>Null when there are no keys.</returns>
    public static async Task<JwsResult?> VerifyAsync(
        IdentityProvider provider, string token, IEnumerable<string> algorithms, CancellationToken cancellationToken, int longest = Jws.MaxTokenLength)
    {
        var options = provider.Options;
        var allowed = algorithms.ToHashSet(StringComparer.Ordinal);

        // Secret and published keys never meet in one set: a public key taken for a secret would let anybody sign (RFC 8725 §2.1).
        // The header is believed only in so far as it chooses among what is configured.
        if (allowed.Remove(SymmetricAlgorithm) && Jws.TryReadUnverified(token, out var header, out _, longest) && header.Alg == SymmetricAlgorithm)
        {
            var secret = new JsonWebKeySet([JsonWebKey.FromSymmetric(options.SecretBytes(), header.Kid)]);
            return Jws.Verify(token, secret, new(new HashSet<string> { SymmetricAlgorithm }) { MaxLength = longest });
        }

        if (await provider.GetKeysAsync(cancellationToken) is not { } keys)
            return null;

        var policy = new JwsPolicy(allowed) { TryAllKeysWithoutKid = options.TryAllKeysWithoutKid, MaxLength = longest };
        var result = Jws.Verify(token, keys, policy);

        // Rotated just before signing: this very token is tried again with what is published now. Without a key id, rotation
        // shows as a wrong signature.
        if (result is not (JwsResult.Refused(JwsFault.UnknownKey, _) or JwsResult.Refused(JwsFault.BadSignature, null)))
            return result;
        return await provider.RefetchKeysAsync(((JwsResult.Refused)result).Kid, cancellationToken) is { } rotated
            ? Jws.Verify(token, rotated, policy)
            : null;
    }
}
