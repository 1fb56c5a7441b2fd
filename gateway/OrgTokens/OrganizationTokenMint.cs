using OrgGateway.Audit;
using OrgGateway.Orgs;

namespace OrgGateway.OrgTokens;

/// <summary>Asks an organization's issuer for a token, and says what came of it: to the log, the counters and the audit trail.</summary>
public sealed class OrganizationTokenMint(IEnumerable<IOrganizationTokenSource> sources, IssuerResilience resilience, AuditTrail audit, ILogger<OrganizationTokenMint> logger)
{
    private readonly Dictionary<OrganizationTokenSource, IOrganizationTokenSource> _sources = sources.ToDictionary(s => s.Kind);

    /// <param name="last">The token to replace, where its refresh token may be tried before the secret.</param>
    public async Task<MintAnswer> RunAsync(Organization organization, OrganizationToken? last)
    {
        var source = _sources[organization.Token!.EffectiveSource];
        var answer = await resilience.RunAsync(source.IssuerOf(organization), source.TimeoutOf(organization), cancellationToken => source.MintAsync(organization, last, cancellationToken));
        switch (answer)
        {
            case MintAnswer.Minted(var token):
                OrganizationTokenMetrics.Minted(organization, source.Kind);
                logger.OrganizationTokenMinted(organization.Slug, token.Expires);
                audit.Record(new AuditEvent(AuditNames.OrganizationTokenMinted) { OrgId = organization.Id });
                break;
            case MintAnswer.Refused(var code):
                OrganizationTokenMetrics.Failed(organization, source.Kind, "refused");
                logger.OrganizationTokenRefused(organization.Slug, source.Kind.ToString(), code);
                audit.Record(new AuditEvent(AuditNames.OrganizationTokenFailed) { OrgId = organization.Id, Reason = code });
                break;
            case MintAnswer.Unavailable(var code):
                OrganizationTokenMetrics.Failed(organization, source.Kind, "unavailable");
                logger.OrganizationTokenFailed(organization.Slug, code);
                audit.Record(new AuditEvent(AuditNames.OrganizationTokenFailed) { OrgId = organization.Id, Reason = code });
                break;
        }
        return answer;
    }
}
