using OrgGateway.Access;
using OrgGateway.Bearer;
using OrgGateway.Revocation;
using OrgGateway.Sessions;

namespace OrgGateway.Sockets;

/// <summary>
/// What stays open after its request was decided: a socket or a streaming response. Keeps who it was opened for and not the
/// session itself, whose tokens would stay in memory for as long as the connection does.
/// </summary>
public abstract class LiveConnection
{
    private readonly string _ownerIssuer;
    private readonly string? _ownerSubject;

    protected LiveConnection(Permit permit)
    {
        var record = permit.Session?.Record;
        (SessionId, Ends, ProviderSession) = (permit.Session?.Id, record?.Ends ?? DateTimeOffset.MaxValue, record?.ProviderSession);
        (Issuer, Subject, KeyId) = (permit.Identity?.Issuer, permit.Identity?.Subject, permit.Identity?.KeyId);
        (_ownerIssuer, _ownerSubject) = (Revocation.Revocation.IssuerKey(permit.Identity?.OwnerIssuer), permit.Identity?.OwnerSubject);
        Token = permit.Token;
        (OrgId, RouteId) = (permit.Organization?.Id ?? permit.AnonymousOrg, permit.Policy.RouteId);
    }

    /// <summary>Null where no session proved the identity.</summary>
    public SessionId? SessionId { get; }
    public string? Issuer { get; }
    public string? Subject { get; }
    public string? OrgId { get; }
    public string? KeyId { get; }
    public string RouteId { get; }

    /// <summary>The caller's own bearer token, to be checked again; null for sessions and keys.</summary>
    public BearerToken? Token { get; }

    /// <summary>The session's absolute end.</summary>
    public DateTimeOffset Ends { get; }

    /// <summary>Timestamp since when the recheck could not learn how a program's credential stands; null: it could, the last time.</summary>
    public long? UnknownSince { get; set; }

    private string? ProviderSession { get; }

    /// <summary>Ends it, once; may be called by any thread at any time and does not wait.</summary>
    public abstract void Close(CloseReason why);

    /// <summary>Called a few times a second.</summary>
    /// <param name="now">By the clock that sessions end by.</param>
    public virtual void Sweep(DateTimeOffset now)
    {
        if (now >= Ends)
            Close(CloseReason.SessionEnded);
    }

    public bool IsConcernedBy(Revocation.Revocation revocation) => revocation.Scope switch
    {
        RevocationScope.Session => SessionId is { } id && id.ToString() == revocation.Session,
        RevocationScope.ProviderSession => Issuer is not null && Issuer == revocation.Issuer && ProviderSession is not null && ProviderSession == revocation.ProviderSession,
        RevocationScope.Subject => IsOf(revocation),
        RevocationScope.Membership => IsOf(revocation) && OrgId is not null && OrgId == revocation.OrgId,
        RevocationScope.Organization => OrgId is not null && OrgId == revocation.OrgId,
        RevocationScope.ApiKey => KeyId is not null && KeyId == revocation.KeyId,
        _ => false,
    };

    // The caller's own, or whose key it is.
    private bool IsOf(Revocation.Revocation revocation) => revocation.Subject is { } subject
        && ((Subject == subject && Issuer == revocation.Issuer) || (_ownerSubject == subject && _ownerIssuer == Revocation.Revocation.IssuerKey(revocation.Issuer)));
}
