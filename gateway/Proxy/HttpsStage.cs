using OrgGateway.Configuration;

namespace OrgGateway.Proxy;

/// <summary>Tells browsers to come by https from now on, and sends those that came by http there. Used only where the public origin is https.</summary>
public sealed class HttpsStage(RequestDelegate next, HttpsOptions options, OwnAnswer own, Site site)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.IsHttps)
        {
            own.TellOfHttps(context.Response);
        }
        else if (options.Redirect)
        {
            // To one of our own origins, never to whatever Host says; 308 keeps method and body.
            var asked = "https://" + context.Request.Host.Value;
            var origin = site.Origins.Contains(asked, StringComparer.OrdinalIgnoreCase) ? asked : site.Origin;
            context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
            context.Response.Headers.Location = origin + context.Request.PathBase.Add(context.Request.Path).ToUriComponent() + context.Request.QueryString.ToUriComponent();
            return Task.CompletedTask;
        }
        return next(context);
    }
}
