using OrgGateway.Tokens;

namespace OrgGateway.Hosting;

/// <summary>What keeps people's own tokens valid.</summary>
public static class UserTokenServices
{
    public static void Add(IServiceCollection services) => services
        .AddSingleton<Turns>().AddSingleton<ProviderPause>().AddSingleton<RefreshTokenUse>()
        .AddSingleton<SessionRefresh>().AddSingleton<UserTokens>()
        .AddSingleton<OrganizationMint>().AddSingleton<OrganizationGrants>().AddSingleton<TokenExchange>();
}
