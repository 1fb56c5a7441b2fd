using System.Collections.Frozen;
using OrgGateway.Identities;
using OrgGateway.Jose;
using OrgGateway.Oidc;
using OrgGateway.Orgs;

namespace OrgGateway.Bearer;

/// <summary>One issuer of bearer tokens: checks what claims to be its own, and says who it stands for.</summary>
internal sealed class BearerIssuer
{
    private readonly BearerIssuerOptions _options;
    private readonly IssuerKeys _keys;
    private readonly JwsPolicy _policy;
    private readonly bool _isProviders;
    private readonly FrozenSet<string>? _organizations;

    /// <param name="isProviders">Whether the issuer is the identity provider's own, so that a subject is the same person there.</param>
    public BearerIssuer(string name, BearerIssuerOptions options, bool isProviders, HttpClient backchannel, TimeProvider time, ILogger logger)
    {
        (Name, _options, _isProviders) = (name, options, isProviders);
        _keys = new(name, options, backchannel, time, logger);
        _policy = new(options.EffectiveAlgorithms().ToHashSet(StringComparer.Ordinal));
        _organizations = options.Organizations is { Count: > 0 } only ? only.ToFrozenSet(StringComparer.Ordinal) : null;
    }

    public string Name { get; }

    public string Issuer => _keys.Issuer;

    /// <returns>The token as checked; or a fault; or neither, when there are no keys to check with.</returns>
    public async ValueTask<(CheckedToken? Token, BearerFault? Fault)> CheckAsync(
        string token, string? kid, OrganizationCatalog catalog, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await _keys.GetAsync(kid, cancellationToken) is not { } keys)
            return default;
        var result = Jws.Verify(token, keys, _policy);
        // Rotated just before signing: this very token is tried again with what is published now.
        if (result is JwsResult.Refused(JwsFault.UnknownKey, _) or JwsResult.Refused(JwsFault.BadSignature, null))
        {
            if (await _keys.RefetchAsync(kid, cancellationToken) is not { } published)
                return default;
            if (!ReferenceEquals(published, keys))
                result = Jws.Verify(token, published, _policy);
        }
        if (result is not JwsResult.Valid(var header, var payload))
            return (null, FaultOf(((JwsResult.Refused)result).Fault));
        var claims = new BearerClaims(payload, _options);
        return claims.Fault(header, _keys.Issuer, now) is { } fault
            ? (null, fault)
            : (new(Name, IdentityOf(claims, ClaimsMapping.Read(_options.Claims, payload), catalog), claims.Issued - _options.ClockSkew, claims.Expires + _options.ClockSkew, catalog), null);
    }

    private Identity IdentityOf(BearerClaims claims, ClaimsView view, OrganizationCatalog catalog)
    {
        var memberships = view.Memberships.Where(IsAllowed);
        // Members of the configuration are subjects of the provider: another issuer's equal subject is somebody else.
        if (_isProviders)
            memberships = memberships.Concat(catalog.MembershipsOf(claims.Subject, view.EmailVerified ? view.Email : null));
        var isService = _options.Kind == BearerKind.Service || (_options.Kind == BearerKind.Auto && claims.IsClientsOwn);
        return new()
        {
            Kind = isService ? IdentityKind.Service : IdentityKind.User,
            Issuer = _keys.Issuer,
            Subject = claims.Subject,
            Email = view.Email,
            EmailVerified = view.EmailVerified,
            Name = view.Name,
            AuthenticatedAt = claims.AuthenticatedAt,
            Acr = claims.Acr,
            Organizations = SubjectOrganizations.Resolve(_options.IdentityProvider ?? catalog.DefaultProvider, memberships, catalog),
        };

        bool IsAllowed(Membership membership) => _organizations is null || _organizations.Contains(membership.OrgId)
            || (catalog.Find(membership.OrgId) is { } known && (_organizations.Contains(known.Slug) || _organizations.Contains(known.Id)));
    }

    private static BearerFault FaultOf(JwsFault fault) => fault switch
    {
        JwsFault.AlgorithmNotAllowed => BearerFault.AlgorithmNotAllowed,
        JwsFault.TypeNotAllowed => BearerFault.WrongKind,
        JwsFault.UnknownKey or JwsFault.AmbiguousKey => BearerFault.UnknownKey,
        JwsFault.BadSignature => BearerFault.BadSignature,
        _ => BearerFault.Malformed,
    };
}
