using OrgGateway.Health;
using OrgGateway.OrgTokens;
using OrgGateway.Replay;

namespace OrgGateway.Hosting;

/// <summary>The organizations' own tokens: sources, cache and upkeep; and the replay of what an upstream refused.</summary>
public static class OrganizationTokenServices
{
    public static void Add(IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(new CurrentOrganizationTokensOptions(options.OrganizationTokens))
        .AddSingleton<IOrganizationTokenSource, ClientCredentialsSource>()
        .AddSingleton<IOrganizationTokenSource, KrakenSource>()
        .AddSingleton<IOrganizationTokenSource, HttpSource>()
        .AddSingleton<IssuerResilience>().AddSingleton<OrganizationTokenMint>().AddSingleton<OrganizationTokenMessages>()
        .AddSingleton<OrganizationTokenRenewal>().AddSingleton<OrganizationTokens>().AddSingleton<RefreshEndpoint>()
        .AddSingleton<IHealthPart, OrganizationTokenHealth>()
        .AddHostedService<OrganizationTokenUpkeep>()
        .AddSingleton<ReplayBreaker>();
}
