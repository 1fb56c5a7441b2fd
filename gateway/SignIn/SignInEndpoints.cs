using OrgGateway.Answers;
using OrgGateway.Assertions;
using OrgGateway.Configuration;
using OrgGateway.Proxy;

namespace OrgGateway.SignIn;

/// <summary>The gateway's own endpoints. Routes of the configuration never reach below this path.</summary>
public static class SignInEndpoints
{
    public static void AddServices(IServiceCollection services) => services
        .AddSingleton<SignInAnswers>().AddSingleton<BegunLogins>().AddSingleton<RoundTrips>().AddSingleton<LoginTargets>().AddSingleton<IdpInitiatedLogin>().AddSingleton<OrganizationDiagnosis>().AddSingleton<LoginTransactions>().AddSingleton<CodeExchange>()
        .AddSingleton<LoginEndpoint>().AddSingleton<CallbackEndpoint>().AddSingleton<LogoutEndpoint>().AddSingleton<FurtherLogout>().AddSingleton<SilentGrant>().AddSingleton<GrantBeside>().AddSingleton<GrantTrips>().AddSingleton<ErrorEndpoint>().AddSingleton<SignInPageEndpoint>().AddSingleton<WhoAmI>();

    public static void Map(WebApplication app)
    {
        var auth = app.MapGroup(app.Services.GetRequiredService<Site>().AuthPath);
        auth.WithMetadata(RouteMeasure.Own);
        var login = app.Services.GetRequiredService<LoginEndpoint>();
        var callback = app.Services.GetRequiredService<CallbackEndpoint>();
        var logout = app.Services.GetRequiredService<LogoutEndpoint>();
        var error = app.Services.GetRequiredService<ErrorEndpoint>();
        var whoAmI = app.Services.GetRequiredService<WhoAmI>();
        var keys = app.Services.GetRequiredService<AssertionKeys>();
        var problems = app.Services.GetRequiredService<ProblemAnswer>();
        Map(SignInPaths.Login, OwnEndpoints.GetOrPost, app.Services.GetRequiredService<LoginLimit>().Before(login.InvokeAsync));
        Map(SignInPaths.Callback, OwnEndpoints.GetOrPost, context => callback.InvokeAsync(context, null));
        Map(SignInPaths.Callback + "/{provider}", OwnEndpoints.GetOrPost, context => callback.InvokeAsync(context, context.Request.RouteValues["provider"] as string ?? ""));
        Map(SignInPaths.Logout, OwnEndpoints.GetOrPost, logout.InvokeAsync);
        Map(SignInPaths.SignedOut, OwnEndpoints.Read, error.SignedOutAsync);
        Map(SignInPaths.Error, OwnEndpoints.Read, error.InvokeAsync);
        Map(SignInPaths.SignIn, OwnEndpoints.Read, app.Services.GetRequiredService<SignInPageEndpoint>().InvokeAsync);
        Map(SignInPaths.Session, OwnEndpoints.Read, whoAmI.SessionAsync);
        Map(SignInPaths.Organizations, OwnEndpoints.Read, whoAmI.OrganizationsAsync);
        Map(SignInPaths.SelectOrganization, OwnEndpoints.Read, whoAmI.SelectAsync);
        Map(SignInPaths.KeySet, OwnEndpoints.Read, context =>
        {
            context.Response.ContentType = "application/jwk-set+json";
            context.Response.Headers.CacheControl = "public, max-age=300";
            return context.Response.Body.WriteAsync(keys.KeySet, context.RequestAborted).AsTask();
        });
        // What is none of these is nothing: a catch-all route of the configuration must not become a sign-in page of its own.
        var answers = app.Services.GetRequiredService<SignInAnswers>();
        auth.Map("/{**rest}", context => answers.ProblemAsync(context, Problem.NotFound));

        void Map(string path, string[] methods, RequestDelegate endpoint) => auth.MapOwn(path, methods, problems, endpoint);
    }
}
