namespace OrgGateway.Demo.Upstream;

/// <summary>One HTML page of the app. Scripts and styles are files of its own, so that the strictest policy holds.</summary>
internal sealed class Page(string title, Markup content)
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Scripts to load, by their path.</summary>
    public IReadOnlyList<string> Scripts { get; init; } = [];

    public Task WriteAsync(HttpContext context, Caller caller)
    {
        var scripts = Scripts.Select(path => (Markup)$"""<script src="{path}" defer></script>""");
        Markup session = caller.UserId is null
            ? $"""<a href="/auth/login?next=/">Sign in</a>"""
            : (Markup)$"""<span id="user">{caller.Email ?? caller.UserId}</span> <a href="/auth/logout">Sign out</a>""";
        Markup page = $"""
            <!doctype html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <meta name="color-scheme" content="light dark">
              <title>{title} - Demo app</title>
              <link rel="stylesheet" href="/assets/app.css">
              {scripts}
            </head>
            <body>
              <header>
                <a class="brand" href="/">Demo app</a>
                <nav>
                  <a href="/orgs/acme/">Acme</a>
                  <a href="/orgs/globex/">Globex</a>
                  <a href="/orgs/initech/">Initech</a>
                  <a href="/me">Me</a>
                </nav>
                <p class="session">{session}</p>
              </header>
              <main>
                {content}
              </main>
            </body>
            </html>
            """;
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        return response.WriteAsync(page.ToString(), context.RequestAborted);
    }
}
