using System.Collections.Concurrent;
using OrgGateway.Orgs;

namespace OrgGateway.Identities;

public enum IdentityKind
{
    User,
    Service,
}

/// <summary>
/// Who a request comes from, in one shape whatever proved it: a session, a bearer token or an API key. Headers, assertion and
/// access decisions read this and nothing else. Immutable.
/// </summary>
public sealed class Identity
{
    private ConcurrentDictionary<object, object>? _derived;

    public required IdentityKind Kind { get; init; }
    public required string Issuer { get; init; }

    /// <summary>Compared byte for byte (T71).</summary>
    public required string Subject { get; init; }
    public string? Email { get; init; }
    public bool EmailVerified { get; init; }
    public string? Name { get; init; }

    /// <summary>Public id of the API key, where one was presented.</summary>
    public string? KeyId { get; init; }

    /// <summary>Whose API key it is, where a person's: the key's access ends with that person's.</summary>
    public string? OwnerIssuer { get; init; }
    public string? OwnerSubject { get; init; }

    /// <summary>What this caller may use, besides the limits of routes.</summary>
    public IReadOnlyList<Allowance> Allowances { get; init; } = [];
    public DateTimeOffset? AuthenticatedAt { get; init; }
    public string? Acr { get; init; }
    public SubjectOrganizations Organizations { get; init; } = SubjectOrganizations.None;

    /// <summary>The same caller in other organizations.</summary>
    public Identity In(SubjectOrganizations organizations) => new()
    {
        Kind = Kind, Issuer = Issuer, Subject = Subject, Email = Email, EmailVerified = EmailVerified, Name = Name, KeyId = KeyId, OwnerIssuer = OwnerIssuer, OwnerSubject = OwnerSubject,
        Allowances = Allowances, AuthenticatedAt = AuthenticatedAt, Acr = Acr, Organizations = organizations,
    };

    /// <summary>What another capability works out for this identity, by the object it is worked out for; for routes without an organization.</summary>
    public ConcurrentDictionary<object, object> Derived => LazyInitializer.EnsureInitialized(ref _derived);
}
