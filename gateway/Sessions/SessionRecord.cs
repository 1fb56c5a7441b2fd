using System.Text.Json.Serialization;
using OrgGateway.Orgs;

namespace OrgGateway.Sessions;

/// <summary>A session as the store keeps it, sealed: who signed in, what the provider said of them, and the tokens.</summary>
public sealed record SessionRecord : IGrant<SessionRecord>
{
    /// <summary>Name under <c>IdentityProviders</c>, and the issuer and client it stood for at sign-in: a session of another environment is none (S37).</summary>
    public required string Provider { get; init; }
    public required string Issuer { get; init; }
    public required string ClientId { get; init; }

    public required string Subject { get; init; }
    public string? Email { get; init; }
    public bool EmailVerified { get; init; }
    public string? Name { get; init; }
    public string? Picture { get; init; }

    /// <summary>Of a sign-in at a further provider: hash of the session that it was made under, and without which it counts for nothing.</summary>
    public byte[]? Under { get; init; }

    /// <summary>The provider's own session id (<c>sid</c>), for logout tokens.</summary>
    public string? ProviderSession { get; init; }

    public IReadOnlyList<Membership> Memberships { get; init; } = [];

    /// <summary>When the provider last said what stands above; null: at sign-in.</summary>
    public DateTimeOffset? ClaimsRead { get; init; }

    /// <summary>
    /// Organizations whose membership was revoked during the session. What configuration grants there counts no more until the
    /// next sign-in; what the provider grants, once it says so again.
    /// </summary>
    public IReadOnlyList<string> Withdrawn { get; init; } = [];

    /// <summary>When the tokens below were had; null for those of the sign-in itself.</summary>
    public DateTimeOffset? TokensRenewed { get; init; }

    public required string AccessToken { get; init; }
    public required DateTimeOffset AccessTokenExpires { get; init; }
    public string? RefreshToken { get; init; }

    /// <summary>Private key that the tokens are bound to (DPoP), as PKCS#8; null for bearer tokens.</summary>
    public byte[]? ProofKey { get; init; }

    /// <summary>Null where the provider does not say (it seldom does).</summary>
    public DateTimeOffset? RefreshTokenExpires { get; init; }

    public RefreshMark? Presented { get; init; }
    public DateTimeOffset? RetryRefreshAt { get; init; }

    public required string IdToken { get; init; }
    public required DateTimeOffset IdTokenExpires { get; init; }

    /// <summary>SHA-256 of the sign-in's nonce: a refreshed ID token may be without one, but has no other (Core §12.2). Null in older records.</summary>
    public byte[]? NonceHash { get; init; }

    public string? Scope { get; init; }

    /// <summary>The scopes configured at the sign-in, whatever was granted; null in records of before there was such a thing.</summary>
    public string? Asked { get; init; }

    public DateTimeOffset? AuthenticatedAt { get; init; }
    public string? Acr { get; init; }
    public required DateTimeOffset SignedIn { get; init; }

    /// <summary>The absolute end; no refresh moves it (T61).</summary>
    public required DateTimeOffset Ends { get; init; }

    public SessionRecord Noted(RefreshMark? presented, DateTimeOffset? retryRefreshAt) => this with { Presented = presented, RetryRefreshAt = retryRefreshAt };

    /// <summary>The record without what it says of one organization, now.</summary>
    public SessionRecord Without(string orgId, OrganizationCatalog catalog) => this with
    {
        Memberships = [.. Memberships.Where(m => m.OrgId != orgId && SubjectOrganizations.Resolve(Provider, [m], catalog).All.All(o => o.Id != orgId))],
        Withdrawn = Withdrawn.Contains(orgId, StringComparer.Ordinal) ? Withdrawn : [.. Withdrawn, orgId],
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SessionRecord))]
public sealed partial class SessionJson : JsonSerializerContext;
