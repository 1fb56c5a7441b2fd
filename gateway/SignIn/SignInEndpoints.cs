using OrgGateway.Answers;
using OrgGateway.Assertions;
using OrgGateway.Configuration;
using OrgGateway.Proxy;
using OrgGateway.Oidc;

namespace OrgGateway.SignIn;

/// <summary>The gateway's own endpoints. Routes of the configuration never reach below this path.</summary>
public static class SignInEndpoints
{
    private static readonly string[] GetOrPost = ["GET", "POST"];

    public static void AddServices(IServiceCollection services) => services
        .AddSingleton<SignInAnswers>().AddSingleton<BegunLogins>().AddSingleton<RoundTrips>().AddSingleton<LoginTargets>().AddSingleton<IdpInitiatedLogin>().AddSingleton<OrganizationDiagnosis>().AddSingleton<LoginTransactions>().AddSingleton<CodeExchange>()
        .AddSingleton<LoginEndpoint>().AddSingleton<CallbackEndpoint>().AddSingleton<LogoutEndpoint>().AddSingleton<FurtherLogout>().AddSingleton<GrantBeside>().AddSingleton<ErrorEndpoint>().AddSingleton<SignInPageEndpoint>().AddSingleton<WhoAmI>();

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
        auth.MapMethods(SignInPaths.Login, GetOrPost, app.Services.GetRequiredService<LoginLimit>().Before(login.InvokeAsync));
        var answersBy = app.Services.GetRequiredService<IdentityProviders>().All.Any(provider => provider.Options.PostsBack) ? GetOrPost : ["GET"];
        auth.MapMethods(SignInPaths.Callback, answersBy, context => callback.InvokeAsync(context, null));
        auth.MapMethods(SignInPaths.Callback + "/{provider}", answersBy, context => callback.InvokeAsync(context, context.Request.RouteValues["provider"] as string ?? ""));
        auth.MapMethods(SignInPaths.Logout, GetOrPost, (RequestDelegate)logout.InvokeAsync);
        auth.MapGet(SignInPaths.SignedOut, (RequestDelegate)error.SignedOutAsync);
        auth.MapGet(SignInPaths.Error, (RequestDelegate)error.InvokeAsync);
        auth.MapGet(SignInPaths.SignIn, (RequestDelegate)app.Services.GetRequiredService<SignInPageEndpoint>().InvokeAsync);
        auth.MapGet(SignInPaths.Session, (RequestDelegate)whoAmI.SessionAsync);
        auth.MapGet(SignInPaths.Organizations, (RequestDelegate)whoAmI.OrganizationsAsync);
        auth.MapGet(SignInPaths.SelectOrganization, (RequestDelegate)whoAmI.SelectAsync);
        auth.MapGet(SignInPaths.KeySet, context =>
        {
            context.Response.ContentType = "application/jwk-set+json";
            context.Response.Headers.CacheControl = "public, max-age=300";
            return context.Response.Body.WriteAsync(keys.KeySet, context.RequestAborted).AsTask();
        });
        // What is none of these is nothing: a catch-all route of the configuration must not become a sign-in page of its own.
        var answers = app.Services.GetRequiredService<SignInAnswers>();
        auth.Map("/{**rest}", context => answers.ProblemAsync(context, Problem.NotFound));
    }
}
