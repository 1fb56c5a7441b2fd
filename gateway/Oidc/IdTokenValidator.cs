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
    public async Task<IdTokenResult> ValidateAsync(IdentityProvider provider, string idToken, IdTokenExpectation expected, CancellationToken cancellationToken)
    {
        // The issuer is pinned by the document, so there is none to compare with before it was read.
        if (await provider.GetMetadataAsync(cancellationToken) is not { } metadata || await ProviderSignatures.VerifyAsync(provider, idToken, provider.Options.EffectiveIdTokenAlgorithms(), cancellationToken, provider.Options.MaxIdTokenLength) is not { } verified)
        {
            logger.IdTokenUnchecked(provider.Name);
            return new IdTokenResult.Unavailable();
        }

        var now = time.GetUtcNow();
        if (Refusal(verified, provider.Options, metadata.Issuer, now, expected) is { } refusal)
        {
            logger.IdTokenRefused(provider.Name, refusal);
            return new IdTokenResult.Refused(refusal);
        }

        var payload = ((JwsResult.Valid)verified).Payload;
        if (expected.Former is not null && new IdTokenClaims(payload, provider.Options, metadata.Issuer, now).Clock() is { } untimely)
        {
            logger.IdTokenUntimely(provider.Name, untimely);
            return new IdTokenResult.Untimely();
        }

        return new IdTokenResult.Valid(IdTokenClaims.Token(idToken, payload));
    }

    /// <returns>What is wrong, or null: only of a token with a right signature.</returns>
    private static string? Refusal(JwsResult verified, IdentityProviderOptions options, string issuer, DateTimeOffset now, IdTokenExpectation expected) => verified switch
    {
        JwsResult.Refused(JwsFault.TooLarge, _) => "longer than MaxIdTokenLength",
        JwsResult.Refused(var fault, _) => $"signature: {fault}",
        JwsResult.Valid(var header, _) when header.Typ is { } typ && !IsJwt(typ) => "typ is that of another kind of token",
        JwsResult.Valid(var header, var claims) => new IdTokenClaims(claims, options, issuer, now).Refusal(header.Alg, expected),
        _ => throw new UnreachableException(),
    };

    // An ID Token has no typ, or this one; access and logout tokens are typed at+jwt and logout+jwt (RFC 8725 §3.11).
    private static bool IsJwt(string typ) =>
        typ.Equals("JWT", StringComparison.OrdinalIgnoreCase) || typ.Equals("application/jwt", StringComparison.OrdinalIgnoreCase);
}
