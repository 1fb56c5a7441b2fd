using OrgGateway.Oidc;
using OrgGateway.Sessions;

namespace OrgGateway.Hosting;

/// <summary>Sessions count here when their provider, issuer and client are configured here (S37).</summary>
public sealed class ConfiguredOrigins(IdentityProviders providers) : ISessionOrigins
{
    public bool Accepts(SessionRecord record) =>
        providers.Find(record.Provider) is { } provider && provider.ClientId == record.ClientId && provider.IsIssuer(record.Issuer);
}
