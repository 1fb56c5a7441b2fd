using OrgGateway.Bearer;
using OrgGateway.Oidc;
using OrgGateway.Orgs;
using OrgGateway.Proxy;
using OrgGateway.Revocation;

namespace OrgGateway.Hosting;

/// <summary>Programs that call with tokens of trusted issuers, and what was revoked of what such tokens say.</summary>
public static class BearerServices
{
    public static void Add(IServiceCollection services, GatewayOptions options)
    {
        // The longest that a token issued at a revocation can go on: its own life, and the difference of clocks at both ends.
        var keep = options.BearerIssuers.Values.Select(i => i.MaxTokenAge + i.ClockSkew + i.ClockSkew).DefaultIfEmpty(TimeSpan.Zero).Max();
        services
            .AddSingleton(new TokenCutoffLife(keep, options.Sessions.CopyFor, options.Sessions.OutageGrace))
            .AddSingleton<TokenCutoffs>().AddSingleton<IRevocationStep>(provider => provider.GetRequiredService<TokenCutoffs>())
            .AddSingleton(provider => new BearerTokens(
                options.BearerIssuers, provider.GetRequiredService<IdentityProviders>(), provider.GetRequiredService<CurrentCatalog>(), provider.GetRequiredService<TokenCutoffs>(),
                provider.GetRequiredService<HttpClient>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<BearerTokens>>()))
            .AddSingleton<MachineCallers>();
        if (keep > TimeSpan.Zero)
            services.AddHostedService<TokenCutoffReader>();
    }
}
