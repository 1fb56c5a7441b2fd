using OrgGateway.Answers;
using OrgGateway.Configuration;
using OrgGateway.Inlets;
using OrgGateway.Oidc;

namespace OrgGateway.Hosting;

/// <summary>Where others tell the gateway that somebody's access ended; all of them end in <see cref="Sessions.SessionRevocation"/>.</summary>
public static class InletServices
{
    public static void Add(IServiceCollection services, GatewayOptions options)
    {
        services.AddSingleton(options.Scim).AddSingleton<InletGuard>().AddSingleton<ReplayRecord>().AddSingleton<LogoutTokenValidator>()
            .AddSingleton<BackchannelLogoutEndpoint>().AddSingleton<FrontchannelLogoutEndpoint>().AddSingleton<SharedSignalsEndpoint>().AddSingleton<ScimEndpoint>();
        foreach (var (name, transmitter) in options.SharedSignals.Transmitters)
            services.AddSingleton(provider => Of(name, transmitter, provider));
    }

    public static void Map(WebApplication app)
    {
        var auth = app.MapGroup(app.Services.GetRequiredService<Site>().AuthPath);
        var problems = app.Services.GetRequiredService<ProblemAnswer>();
        auth.MapOwn(InletPaths.BackchannelLogout, OwnEndpoints.Post, problems, app.Services.GetRequiredService<BackchannelLogoutEndpoint>().InvokeAsync);
        auth.MapOwn(InletPaths.FrontchannelLogout, ["GET"], problems, app.Services.GetRequiredService<FrontchannelLogoutEndpoint>().InvokeAsync);
        auth.MapOwn(InletPaths.Events, OwnEndpoints.Post, problems, app.Services.GetRequiredService<SharedSignalsEndpoint>().InvokeAsync);
        auth.Map(InletPaths.Scim + "/{**rest}", (RequestDelegate)app.Services.GetRequiredService<ScimEndpoint>().InvokeAsync);
    }

    private static Transmitter Of(string name, TransmitterOptions options, IServiceProvider provider)
    {
        var providers = provider.GetRequiredService<IdentityProviders>();
        var subjects = options.IdentityProvider is { } given ? providers.Find(given)! : providers.All.First(p => p.Options.Issuer == options.Issuer);
        return new(name, options, subjects, provider.GetRequiredService<HttpClient>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Transmitter>>());
    }
}
