using OrgGateway.Sessions;

namespace OrgGateway.Hosting;

/// <summary>Sessions count here when their provider, issuer and client are configured here (S37).</summary>
public sealed class ConfiguredOrigins(GatewayOptions options) : ISessionOrigins
{
    public bool Accepts(SessionRecord record) => options.IdentityProviders.TryGetValue(record.Provider, out var provider)
        && provider.ClientId == record.ClientId
        && provider.Issuer?.TrimEnd('/') == record.Issuer.TrimEnd('/'); // one terminating slash is the only tolerated difference (O2)
}
