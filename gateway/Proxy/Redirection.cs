using Microsoft.Extensions.Primitives;

namespace OrgGateway.Proxy;

/// <summary>Sends a page's caller elsewhere in place of forwarding: never kept by a browser, since it holds for this caller only.</summary>
public sealed class Redirection(SecurityHeadersOptions options)
{
    // It stands for the application's answer, and says what that would; but it always says something (O19).
    private readonly string _referrerPolicy =
        options.Mode == SecurityHeadersMode.Off || options.ReferrerPolicy.Length == 0 ? SecurityHeadersOptions.DefaultReferrerPolicy : options.ReferrerPolicy;

    public Task ToAsync(HttpContext context, int status, string location)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Referrer-Policy"] = _referrerPolicy; // a deep link is nobody else's business
        context.Response.StatusCode = status;
        context.Response.Headers.Location = new StringValues(location);
        return Task.CompletedTask;
    }
}
