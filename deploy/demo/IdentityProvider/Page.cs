namespace OrgGateway.Demo.IdentityProvider;

/// <summary>One HTML page of the provider. No page has a script.</summary>
internal sealed class Page(string title, Markup content)
{
    // No form-action: browsers apply it to the redirects after a submit too, and those lead to the client.
    private const string Policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static Page Failure(string title, string message) => new(title, $"<h1>{title}</h1><p>{message}</p>");

    public Task WriteAsync(HttpContext context, int status)
    {
        Markup page = $"""
            <!doctype html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <meta name="color-scheme" content="light dark">
              <title>{title} - Demo identity provider</title>
              <link rel="stylesheet" href="/assets/provider.css">
            </head>
            <body>
              <main>
                <p class="brand">Demo identity provider</p>
                {content}
              </main>
            </body>
            </html>
            """;
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        return response.WriteAsync(page.ToString(), context.RequestAborted);
    }
}
