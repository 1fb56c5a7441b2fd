using System.Text.Json;
using OrgGateway.Audit;
using OrgGateway.Oidc;
using OrgGateway.Orgs;

namespace OrgGateway.SignIn;

/// <summary>Tells whoever runs the gateway why a person came without any organization (P11): the question that costs the most time.</summary>
public sealed class OrganizationDiagnosis(CurrentCatalog catalog, AuditTrail audit, ILogger<OrganizationDiagnosis> logger)
{
    public void Judge(IdentityProvider provider, IdToken idToken, JsonElement? userInfo, ClaimsView claims, string? grantedScope)
    {
        if (claims.Memberships.Count > 0 || catalog.Value.MembershipsOf(idToken.Subject, claims.EmailVerified ? claims.Email : null).Any()
            || MissingOrganization.Of(provider.Options, idToken.Claims, userInfo, grantedScope) is not { } missing)
            return;
        logger.NoOrganization(provider.Name, missing.Path, missing.Remedy);
        audit.Record(new AuditEvent(AuditNames.OrganizationClaimMissing)
        {
            Reason = "no_organization_claim",
            Issuer = provider.Issuer,
            Subject = idToken.Subject,
            Provider = provider.Name,
            Detail = $"looked for {missing.Path}; {missing.Remedy}",
        });
    }
}
