using OrgGateway.Identities;
using OrgGateway.Orgs;
using OrgGateway.Revocation;

namespace OrgGateway.Bearer;

/// <summary>A token whose signature and claims are right, as it is remembered: who it stands for, and what was revoked of that since.</summary>
/// <param name="identity">As the token says.</param>
/// <param name="issued">With the issuer's clock skew taken off: in doubt a token is older than a revocation.</param>
/// <param name="expires">Until when it counts, skew included.</param>
internal sealed class CheckedToken(string issuer, Identity identity, DateTimeOffset issued, DateTimeOffset expires, OrganizationCatalog catalog)
{
    private Judgement? _judgement;

    public DateTimeOffset Expires => expires;

    public OrganizationCatalog Catalog => catalog;

    /// <summary>Warm: one comparison. Judged anew when something was revoked since.</summary>
    public BearerResult ResultAfter(TokenCutoffs cutoffs)
    {
        var version = cutoffs.Version;
        if (Volatile.Read(ref _judgement) is { } known && known.Version == version)
            return known.Result;
        var judgement = new Judgement(version, Judge(cutoffs));
        Volatile.Write(ref _judgement, judgement);
        return judgement.Result;
    }

    private BearerResult Judge(TokenCutoffs cutoffs)
    {
        if (cutoffs.EndsSubject(identity.Issuer, identity.Subject, issued))
            return new BearerResult.Refused(BearerFault.Revoked, issuer);
        var left = identity.Organizations.Where(o => !cutoffs.EndsMembership(identity.Issuer, identity.Subject, o.Id, issued));
        return new BearerResult.Valid(ReferenceEquals(left, identity.Organizations) ? identity : identity.In(left));
    }

    private sealed record Judgement(int Version, BearerResult Result);
}
