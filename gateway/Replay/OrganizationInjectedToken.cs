using OrgGateway.Orgs;
using OrgGateway.OrgTokens;

namespace OrgGateway.Replay;

/// <summary>The organization's own token.</summary>
public sealed class OrganizationInjectedToken(string header, string scheme, Organization organization, OrganizationToken token, TokenPath path, OrganizationTokens tokens)
    : InjectedToken(header, scheme, token.Header(scheme), path)
{
    /// <summary>The organization whose token it is.</summary>
    public Organization Organization { get; } = organization;

    public override string Kind => "organization";

    public override object Owner => Organization.Id;

    public override async Task<string?> RenewAsync(CancellationToken cancellationToken) =>
        await tokens.ReplaceAsync(Organization, token, cancellationToken) is { } renewed ? renewed.Header(Scheme) : null;

    internal override void Replace(string value, TimeSpan wait)
    {
        base.Replace(value, wait);
        OrganizationTokenMetrics.Waited(wait, TokenPath.Replay);
    }
}
