using OrgGateway.Sessions;

namespace OrgGateway.Hosting;

/// <summary>Sessions, what finds them, and the one path that ends them.</summary>
public static class SessionServices
{
    public static void Add(IServiceCollection services) => services
        .AddSingleton<SteadyClock>().AddSingleton<ISessionOrigins, ConfiguredOrigins>().AddSingleton<SessionCookie>()
        .AddSingleton<SessionStore>().AddSingleton<SessionDirectory>().AddSingleton<UnfinishedRevocations>()
        .AddSingleton<SessionAmendment>().AddSingleton<SessionRevocation>().AddSingleton<SessionListing>()
        .AddHostedService<SessionGauges>();
}
