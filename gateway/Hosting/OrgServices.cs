using OrgGateway.Explain;
using OrgGateway.Orgs;

namespace OrgGateway.Hosting;

/// <summary>Which organization a URL names, and what an answer to a request would be.</summary>
public static class OrgServices
{
    public static void Add(IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(options.OrganizationDirectory)
        .AddSingleton<DirectoryRecords>().AddSingleton<DirectoryService>().AddSingleton<OrganizationDirectory>().AddSingleton<OrgResolver>()
        .AddHostedService<LearnedSlugs>()
        .AddSingleton<Proxy.RouteMatch>().AddSingleton<Proxy.PathReadings>().AddSingleton<IExplainedSubjects, KnownSubjects>()
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<AccessExplainer>(provider, ActivatorUtilities.CreateInstance<Proxy.AccessStage>(provider, (Proxy.PermittedRequest)((_, _) => Task.CompletedTask))));
}
