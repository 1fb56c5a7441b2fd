using OrgGateway.Bearer;
using OrgGateway.Oidc;
using OrgGateway.Orgs;
using OrgGateway.Proxy;

namespace OrgGateway.Hosting;

/// <summary>Programs that call with tokens of trusted issuers.</summary>
public static class BearerServices
{
    public static void Add(IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(provider => new BearerTokens(
            options.BearerIssuers, provider.GetRequiredService<IdentityProviders>(), provider.GetRequiredService<CurrentCatalog>(), provider.GetRequiredService<HttpClient>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<BearerTokens>>()))
        .AddSingleton<MachineCallers>();
}
