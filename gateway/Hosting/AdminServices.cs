using OrgGateway.Admin;
using OrgGateway.Audit;
using Yarp.ReverseProxy;

namespace OrgGateway.Hosting;

/// <summary>The admin API and the console, made of the capabilities they show.</summary>
public static class AdminServices
{
    public static void Add(IServiceCollection services, GatewayOptions options, bool forCommand)
    {
        services.AddSingleton(options.Management).AddSingleton<AdminAccess>().AddSingleton<ConsoleSession>().AddSingleton<AdminEndpoints>().AddSingleton<ConsoleEndpoints>();
        services.AddSingleton<RecentRefusals>().AddSingleton<IAuditSink>(provider => provider.GetRequiredService<RecentRefusals>());
        if (forCommand)
            services.AddSingleton<CommandAudit>().AddSingleton<IAuditSink>(provider => provider.GetRequiredService<CommandAudit>());
        else
            services.AddHostedService<CommandAuditReader>();
        services.AddSingleton(provider =>
        {
            var policies = provider.GetRequiredService<CurrentPolicies>();
            return new RouteTable(provider.GetRequiredService<IProxyStateLookup>(), route => policies.Value.GetValueOrDefault(route));
        });
        // In the order of the console's menu.
        services.AddSingleton<IConsolePage, OverviewPage>();
        services.AddSingleton<SessionQueries>().AddSingleton<IOverviewFigure, SessionsFigure>();
        AddPart<SessionsPart>(services);
        AddPart<SocketsPart>(services);
        AddPart<OrganizationsPart>(services);
        AddPart<OrganizationTokensPart>(services);
        AddPart<RoutesPart>(services);
        AddPart<KeysPart>(services);
        AddPart<ExplainPart>(services);
        AddPart<RefusalsPart>(services);
    }

    private static void AddPart<T>(IServiceCollection services)
        where T : class, IAdminPart
    {
        services.AddSingleton<T>().AddSingleton<IAdminPart>(provider => provider.GetRequiredService<T>());
        if (typeof(T).IsAssignableTo(typeof(IConsolePage)))
            services.AddSingleton(provider => (IConsolePage)provider.GetRequiredService<T>());
        if (typeof(T).IsAssignableTo(typeof(IOverviewFigure)))
            services.AddSingleton(provider => (IOverviewFigure)provider.GetRequiredService<T>());
    }
}
