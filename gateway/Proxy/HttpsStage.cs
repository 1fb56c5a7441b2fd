using System.Globalization;
using OrgGateway.Configuration;

namespace OrgGateway.Proxy;

/// <summary>Tells browsers to come by https from now on, and sends those that came by http there. Used only where the public origin is https.</summary>
public sealed class HttpsStage(RequestDelegate next, HttpsOptions options, Site site)
{
    private readonly string? _hsts = options.Hsts > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $"max-age={(long)options.Hsts.TotalSeconds}") : null;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.IsHttps)
        {
            // Only what came by https counts (RFC 6797 §8.1), and only it is told.
            if (_hsts is not null)
                context.Response.Headers.StrictTransportSecurity = _hsts;
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
