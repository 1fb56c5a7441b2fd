using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Admin;

/// <summary>The frame of the console: no script at all, one style sheet allowed by its hash, nothing from elsewhere.</summary>
internal static class ConsoleLayout
{
    private const string Style =
        ":root{color-scheme:light dark}body{margin:0;font:.95rem/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}" +
        "header{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:center;padding:.75rem 1.5rem;border-bottom:1px solid GrayText}header strong{font-size:1.05rem}" +
        "nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem;flex:1}nav a{text-decoration:none;padding:.25rem 0}nav a[aria-current]{font-weight:600;border-bottom:2px solid currentColor;color:CanvasText}" +
        "main{padding:1rem 1.5rem 3rem;max-width:90rem}h1{font-size:1.4rem;margin:.25rem 0 .75rem}h2{font-size:1.1rem;margin:1.75rem 0 .5rem}a{color:LinkText}" +
        ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .9rem .4rem 0;border-bottom:1px solid color-mix(in srgb,CanvasText 18%,Canvas);vertical-align:top;overflow-wrap:anywhere}" +
        "th{white-space:nowrap;font-weight:600}td form{margin:0}time{white-space:nowrap;font-variant-numeric:tabular-nums}.no,footer{color:light-dark(#595959,#a6a6a6)}" +
        "button,input{font:inherit}button{padding:.2rem .7rem;border-radius:.35rem;border:1px solid currentColor;background:ButtonFace;color:ButtonText;cursor:pointer}" +
        "input{padding:.2rem .5rem;border:1px solid GrayText;border-radius:.35rem;background:Field;color:FieldText}.question{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:end}" +
        ".question label{display:grid}.said{border-left:4px solid Highlight;padding:.4rem .8rem;margin:0 0 1rem}.entry{display:grid;gap:.75rem;max-width:24rem;margin:15vh auto 0}.entry label{display:grid}" +
        "footer{padding:0 1.5rem 1.5rem;font-size:.85rem}:focus-visible{outline:3px solid Highlight;outline-offset:2px}";

    private static readonly string Policy = "default-src 'none'; style-src 'sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))
        + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static Task WriteSignInAsync(HttpContext context, int status, string? said)
    {
        var html = new ConsoleHtml("");
        html.Raw("<main><form class=\"entry\" method=\"post\" action=\"").Text(ConsoleSession.Path).Raw("/sign-in\"><h1>OrgGateway console</h1>");
        if (said is not null)
            html.Raw("<p class=\"said\" role=\"alert\">").Text(said).Raw("</p>");
        html.Raw("<label>Management token <input type=\"password\" name=\"token\" required autofocus autocomplete=\"current-password\"></label><button>Sign in</button></form></main>");
        return WriteAsync(context, status, "Sign in", html.ToString(), refresh: 0);
    }

    public static Task WritePageAsync(HttpContext context, IConsolePage page, IReadOnlyList<IConsolePage> pages, ConsoleHtml content, string formKey, string? said)
    {
        var refresh = page.Refreshes && context.Request.Query["refresh"] != "off" ? 10 : 0;
        var html = new ConsoleHtml(formKey);
        html.Raw("<header><strong>OrgGateway</strong><nav aria-label=\"Console\">");
        foreach (var other in pages)
            html.Raw("<a href=\"").Text(ConsoleHtml.Address(other.Path)).Raw(other == page ? "\" aria-current=\"page\">" : "\">").Text(other.Title).Raw("</a>");
        html.Raw("</nav>").Action("sign-out", "Sign out", "of the console").Raw("</header><main><h1>").Text(page.Title).Raw("</h1>");
        if (said is not null)
            html.Raw("<p class=\"said\" role=\"status\">").Text(said).Raw("</p>");
        html.Raw(content.ToString()).Raw("</main><footer>");
        if (refresh > 0)
            html.Text("Times are UTC. Refreshes every 10 seconds. ").Raw("<a href=\"").Text(Still(context.Request.Query)).Raw("\">Stop refreshing</a>");
        else
            html.Text("Times are UTC.");
        return WriteAsync(context, StatusCodes.Status200OK, page.Title, html.Raw("</footer>").ToString(), refresh);
    }

    // What was asked for stays: whoever stops the page wants to go on looking at it.
    private static string Still(IQueryCollection asked) =>
        QueryString.Create(asked.Where(q => q.Key is not ("said" or "refresh")).Append(new("refresh", "off"))).Value!;

    private static Task WriteAsync(HttpContext context, int status, string title, string body, int refresh)
    {
        var html = new ConsoleHtml("");
        html.Raw("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
        if (refresh > 0)
            html.Raw("<meta http-equiv=\"refresh\" content=\"10\">");
        html.Raw("<title>").Text(title + " - OrgGateway console").Raw("</title><style>").Raw(Style).Raw("</style></head><body>").Raw(body).Raw("</body></html>");
        var bytes = Encoding.UTF8.GetBytes(html.ToString());
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = bytes.Length;
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XFrameOptions = "DENY";
        // Not no-referrer: then a browser's form says "Origin: null", and could not be told from another page's.
        response.Headers["Referrer-Policy"] = "same-origin";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
