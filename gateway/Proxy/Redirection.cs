using Microsoft.Extensions.Primitives;

namespace OrgGateway.Proxy;

/// <summary>Sends a page's caller elsewhere in place of forwarding: never kept by a browser, since it holds for this caller only.</summary>
internal static class Redirection
{
    public static Task ToAsync(HttpContext context, int status, string location)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Referrer-Policy"] = SecurityHeadersOptions.DefaultReferrerPolicy; // a deep link is nobody else's business (O19)
        context.Response.StatusCode = status;
        context.Response.Headers.Location = new StringValues(location);
        return Task.CompletedTask;
    }
}
