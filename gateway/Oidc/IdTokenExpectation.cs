using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Oidc;

/// <summary>What an ID Token is compared with, beside what holds for all of the provider.</summary>
public sealed record IdTokenExpectation
{
    /// <summary>
    /// The nonce sent. At sign-in the token must have it; at a refresh it may be absent, but is no other (Core §12.2). Null: not compared.
    /// </summary>
    public string? Nonce
    {
        init => NonceHash = value is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(value));
    }

    /// <summary>SHA-256 of <see cref="Nonce"/>, where only that was kept.</summary>
    public byte[]? NonceHash { get; init; }

    /// <summary>That came with it, for <c>at_hash</c>.</summary>
    public string? AccessToken { get; init; }

    /// <summary><c>max_age</c> as sent.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary><c>acr_values</c> as sent, where it was a requirement: the token's <c>acr</c> is one of them.</summary>
    public string? Acr { get; init; }

    /// <summary>At a refresh: of the session. Required there.</summary>
    public string? Subject { get; init; }

    /// <summary>At a refresh: of the session, where it has one.</summary>
    public DateTimeOffset? AuthTime { get; init; }

    /// <summary>At a refresh: the ID Token that the session has. One issued since that does not hold now shows a wrong clock; any other is an old one.</summary>
    public string? Former { get; init; }

    public bool IsRefresh { get; init; }

    public override string ToString() => IsRefresh ? "IdTokenExpectation { refresh }" : "IdTokenExpectation { sign-in }";
}
