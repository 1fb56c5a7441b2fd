using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>Codes, refresh tokens and the grants behind them.</summary>
internal sealed class Grants(DemoProviderOptions options, Counters counters)
{
    private readonly Lock _gate = new();
    private readonly BoundedMap<Grant> _grants = new(10_000);
    private readonly BoundedMap<Code> _codes = new(10_000);
    private readonly BoundedMap<Refresh> _refreshTokens = new(50_000);

    public string IssueCode(Grant grant, string redirectUri, string codeChallenge)
    {
        var code = RandomId.New();
        _grants.Set(grant.Id, grant);
        _codes.Set(code, new Code(grant, redirectUri, codeChallenge, options.Clock.GetUtcNow() + options.CodeLifetime));
        return code;
    }

    /// <returns>False: invalid_grant, whatever the reason.</returns>
    public bool TryRedeem(string value, DemoClient client, string? redirectUri, string? verifier, [NotNullWhen(true)] out Grant? grant)
    {
        lock (_gate)
        {
            grant = null;
            if (!_codes.TryGet(value, out var code) || code.Grant.ClientId != client.ClientId)
                return false;
            if (code.Used)
            {
                // Whoever came second may be the rightful one: nothing had with this code lives on (RFC 6749 §4.1.2).
                RevokeReused(code.Grant);
                return false;
            }

            code.Used = true;
            if (code.Expires <= options.Clock.GetUtcNow() || code.RedirectUri != redirectUri || !Proves(verifier, code.Challenge))
                return false;
            grant = code.Grant;
            return !grant.Revoked;
        }
    }

    public string IssueRefreshToken(Grant grant)
    {
        var token = RandomId.New();
        _refreshTokens.Set(token, new Refresh(grant, options.Clock.GetUtcNow() + options.RefreshTokenLifetime));
        return token;
    }

    /// <summary>Uses up a refresh token. One that comes again ends its whole grant (RFC 9700 §4.14.2).</summary>
    public bool TryRotate(string value, DemoClient client, [NotNullWhen(true)] out Grant? grant)
    {
        lock (_gate)
        {
            grant = null;
            if (!_refreshTokens.TryGet(value, out var token) || token.Grant.ClientId != client.ClientId)
                return false;
            if (token.Used)
            {
                RevokeReused(token.Grant);
                return false;
            }

            if (token.Grant.Revoked || token.Expires <= options.Clock.GetUtcNow())
                return false;
            token.Used = true;
            grant = token.Grant;
            return true;
        }
    }

    public Grant? FindLive(string grantId) => _grants.TryGet(grantId, out var grant) && !grant.Revoked ? grant : null;

    public void RevokeAllOf(string sub)
    {
        foreach (var grant in _grants.Values().Where(grant => grant.Sub == sub))
            grant.Revoke();
    }

    private void RevokeReused(Grant grant)
    {
        counters.ReuseDetections.Increment();
        grant.Revoke();
    }

    // RFC 7636 §4.1 and §4.6.
    private static bool Proves(string? verifier, string challenge) =>
        verifier is { Length: >= 43 and <= 128 }
        && CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))),
            Encoding.ASCII.GetBytes(challenge));

    private sealed record Code(Grant Grant, string RedirectUri, string Challenge, DateTimeOffset Expires)
    {
        public bool Used { get; set; }
    }

    private sealed record Refresh(Grant Grant, DateTimeOffset Expires)
    {
        public bool Used { get; set; }
    }
}
