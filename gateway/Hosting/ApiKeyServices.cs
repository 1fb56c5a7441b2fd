using OrgGateway.ApiKeys;
using OrgGateway.Revocation;

namespace OrgGateway.Hosting;

/// <summary>API keys: as requests meet them, and as operators handle them.</summary>
public static class ApiKeyServices
{
    public static void Add(IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(options.ApiKeys).AddSingleton<ApiKeyRecords>().AddSingleton<ApiKeyStore>().AddSingleton<ApiKeyOperations>()
        .AddSingleton<IRevocationStep, KeysOfTheRevoked>();
}
