using OrgGateway.Access;
using OrgGateway.Configuration;

namespace OrgGateway.Proxy;

/// <summary>Takes http requests to https, and says on the gateway's own answers what <see cref="SecurityHeaders"/> says on the applications'.</summary>
public sealed class SecurityStage(RequestDelegate next, SecurityHeadersOptions options, SecurityHeaders headers, Site site)
{
    private readonly bool _redirects = options.HttpsRedirect && site.IsHttps;

    public Task InvokeAsync(HttpContext context)
    {
        if (_redirects && !context.Request.IsHttps)
        {
            // To the configured origin, never to the Host that was sent. 308: a form stays a form.
            context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
            context.Response.Headers.Location = site.Origin + context.Request.PathBase.Add(context.Request.Path).ToUriComponent() + context.Request.QueryString.ToUriComponent();
            context.Response.Headers.CacheControl = "no-store";
            return Task.CompletedTask;
        }
        if (headers.Hsts is not null && context.GetEndpoint()?.Metadata.GetMetadata<RoutePolicy>() is null)
            context.Response.Headers.StrictTransportSecurity = headers.Hsts;
        return next(context);
    }
}
