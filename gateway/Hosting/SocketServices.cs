using OrgGateway.Access;
using OrgGateway.Configuration;
using OrgGateway.Orgs;
using OrgGateway.Sessions;
using OrgGateway.Sockets;
using OrgGateway.Tokens;

namespace OrgGateway.Hosting;

/// <summary>Open sockets and streams: their registry, the checks they stay under, and the end of the process.</summary>
public static class SocketServices
{
    public static void Add(IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(options.Sockets)
        .AddSingleton<LiveConnections>().AddSingleton<UpstreamOfSockets>().AddSingleton<MachineAccess>().AddSingleton<OpeningAccess>().AddSingleton<StreamWatch>()
        .AddSingleton(provider => new LiveAccess(
            provider.GetRequiredService<SessionStore>(), provider.GetRequiredService<UserTokens>(), provider.GetRequiredService<OrgResolver>(),
            provider.GetRequiredService<AccessDecision>(), provider.GetRequiredService<CurrentCatalog>(), route => provider.GetRequiredService<CurrentPolicies>().Value.GetValueOrDefault(route),
            provider.GetRequiredService<SteadyClock>()))
        .AddSingleton<LiveSweep>().AddHostedService(provider => provider.GetRequiredService<LiveSweep>())
        .AddHostedService(provider => ActivatorUtilities.CreateInstance<SocketDrain>(provider, options.Management.DrainDelay))
        .AddHostedService<SocketReload>();
}
