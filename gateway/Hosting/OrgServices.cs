using OrgGateway.Orgs;

namespace OrgGateway.Hosting;

/// <summary>Which organization a URL names.</summary>
public static class OrgServices
{
    public static void Add(IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(options.OrganizationDirectory)
        .AddSingleton<DirectoryRecords>().AddSingleton<DirectoryService>().AddSingleton<OrganizationDirectory>().AddSingleton<OrgResolver>()
        .AddHostedService<LearnedSlugs>();
}
