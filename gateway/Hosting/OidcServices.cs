using OrgGateway.Configuration;
using OrgGateway.Oidc;

namespace OrgGateway.Hosting;

/// <summary>The relying party's parts, over one back-channel client.</summary>
public static class OidcServices
{
    public static void Add(IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(_ => Backchannel.CreateClient())
        .AddSingleton(provider => new IdentityProviders(
            options.IdentityProviders, options.DefaultProviderName is { Length: > 0 } name ? name : null, provider.GetRequiredService<Site>(), provider.GetRequiredService<HttpClient>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()))
        .AddSingleton(provider => new TokenClient(provider.GetRequiredService<HttpClient>(), provider.GetRequiredService<TimeProvider>(), LoggerOf<TokenClient>(provider)))
        .AddSingleton(provider => new IdTokenValidator(provider.GetRequiredService<TimeProvider>(), LoggerOf<IdTokenValidator>(provider)))
        .AddSingleton(provider => new MintEndpoint(provider.GetRequiredService<HttpClient>(), provider.GetRequiredService<TimeProvider>(), LoggerOf<MintEndpoint>(provider)))
        .AddSingleton(provider => new AuthorizationRequests(
            provider.GetRequiredService<HttpClient>(), provider.GetRequiredService<TimeProvider>(), LoggerOf<AuthorizationRequests>(provider)))
        .AddSingleton(provider => new TokenRevocation(
            provider.GetRequiredService<HttpClient>(), provider.GetRequiredService<TimeProvider>(), LoggerOf<TokenRevocation>(provider)))
        .AddSingleton(provider => new UserInfoClient(provider.GetRequiredService<HttpClient>(), provider.GetRequiredService<TimeProvider>(), LoggerOf<UserInfoClient>(provider)));

    private static ILogger<T> LoggerOf<T>(IServiceProvider provider) => provider.GetRequiredService<ILogger<T>>();
}
