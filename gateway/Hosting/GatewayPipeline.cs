using OrgGateway.Answers;
using OrgGateway.Explain;
using OrgGateway.ForwardAuth;
using OrgGateway.Proxy;
using OrgGateway.SignIn;
using OrgGateway.Sockets;

namespace OrgGateway.Hosting;

/// <summary>The way of a request, top to bottom.</summary>
public static class GatewayPipeline
{
    public static void Use(WebApplication app)
    {
        var behindProxies = app.Services.GetRequiredService<GatewayOptions>().TrustedProxies.Count > 0;
        app.UseMiddleware<HostStage>(behindProxies); // 400 for a host that the framework would throw at whoever reads it
        if (behindProxies)
        {
            app.UseMiddleware<ForwardAuthPeerStage>(); // who connected, for the one endpoint that answers proxies only
            app.UseForwardedHeaders();             // from known proxies only: from here on address, scheme and host are the caller's
            app.Use(static (HttpContext context, RequestDelegate next) => { RequestHost.Canonicalize(context.Request); return next(context); });
        }
        app.UseMiddleware<FailureStage>();         // a bug below becomes a bare 500 problem+json
        if (app.Services.GetRequiredService<Configuration.Site>().IsHttps)
            app.UseMiddleware<HttpsStage>();       // browsers are told to come by https, and sent there
        // Who may do what is decided below, and by nobody else: the framework would put its own authorization in front by itself.
        ((IApplicationBuilder)app).Properties["__AuthorizationMiddlewareSet"] = true;
        app.UseRouting();                          // the path alone picks the route; no route, no upstream: 404
        InletServices.Map(app);                    // /auth/backchannel-logout, events, scim ...: others say that somebody's access ended
        ForwardAuthServices.Map(app);              // /auth/verify: another proxy's question, decided by the same stages as below
        SignInEndpoints.Map(app);                  // /auth/login, callback, logout, session ...: the gateway's own, never proxied
        OrgTokens.RefreshEndpoint.Map(app, app.Services.GetRequiredService<GatewayOptions>().AuthPath); // /auth/org-tokens/refresh, for schedules
        app.MapReverseProxy(route =>
        {
            Decide(route);
            route.UseMiddleware<SocketStage>();    // WebSockets: limits, and a registration that a revocation finds before they open
            route.UseSessionAffinity();
            route.UseLoadBalancing();
            PassiveHealth.Use(route);              // counts answers where a cluster asks for it, or has several destinations
        }).ConfigureEndpoints(RoutePolicies.Attach(app.Services.GetRequiredService<CurrentPolicies>()));
        // Not a fallback endpoint: that would take every method, and a path whose route lists other ones would be 404 in place of 405.
#pragma warning disable ASP0014 // the endpoints run here, so that something can stand behind them
        app.UseEndpoints(static _ => { });
#pragma warning restore ASP0014
        var answer = app.Services.GetRequiredService<ProblemAnswer>();
        app.Run(context => NotFoundAnswer.WriteAsync(context, answer)); // problem+json or page, as everywhere
        app.Services.GetRequiredService<RouteMatch>().Use(app);
        app.Services.GetRequiredService<VerifyEndpoint>().Use(Decide(((IApplicationBuilder)app).New()));
    }

    // To be read from below: each stage is made with the one it hands its proof to.
    private static IApplicationBuilder Decide(IApplicationBuilder route) => route.Use(next =>
    {
        // Strips what the caller says of itself, adds what is verified, and the token.
        var forward = ActivatorUtilities.CreateInstance<ForwardStage>(route.ApplicationServices, next);
        // The user's token for this organization or audience, where the session's own will not do.
        var grant = ActivatorUtilities.CreateInstance<GrantStage>(route.ApplicationServices, (GrantedRequest)forward.InvokeAsync);
        // Cookie to session, URL to organization, policy to permit: 401, 403, 404.
        var access = ActivatorUtilities.CreateInstance<AccessStage>(route.ApplicationServices, (PermittedRequest)grant.InvokeAsync);
        return access.InvokeAsync;
    });
}
