using System.Text;
using System.Text.Encodings.Web;

namespace OrgGateway.Answers;

/// <summary>The one frame of the gateway's own pages: server-rendered, no script, everything escaped, nothing from elsewhere.</summary>
public sealed class PageLayout
{
    // One inline style sheet, allowed by its hash alone; any other inline style or script in a page is refused by the browser.
    private const string Style =
        ":root{color-scheme:light dark}body{margin:0;font:1rem/1.6 system-ui,sans-serif;background:Canvas;color:CanvasText;display:grid;min-height:100vh;place-items:center}" +
        "main{box-sizing:border-box;width:min(32rem,100%);padding:2rem}h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem}ul{list-style:none;margin:1rem 0;padding:0}" +
        "li a{display:block;padding:.75rem 1rem;margin:.5rem 0;border:1px solid GrayText;border-radius:.5rem}a{color:LinkText}small{color:GrayText}" +
        "button{font:inherit;padding:.6rem 1.2rem;border-radius:.5rem;border:1px solid currentColor;background:ButtonFace;color:ButtonText;cursor:pointer}" +
        ":focus-visible{outline:3px solid Highlight;outline-offset:2px}";

    // No form-action: the sign-out form ends, by redirect, at the provider, and browsers apply it to redirects too.
    private static readonly string Policy = "default-src 'none'; style-src 'sha256-"
        + Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Style)))
        + "'; base-uri 'none'; frame-ancestors 'none'";

    public Task WriteAsync(HttpContext context, string title, PageBody body)
    {
        var html = Encoding.UTF8.GetBytes(Render(title, body));
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = html.Length;
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.XFrameOptions = "DENY";
        // Codes and states may stand in this page's own URL (T119).
        response.Headers["Referrer-Policy"] = "no-referrer";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(html, context.RequestAborted).AsTask();
    }

    private static string Render(string title, PageBody body)
    {
        var html = new StringBuilder(2048);
        html.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>")
            .Append(Text(title)).Append("</title><style>").Append(Style).Append("</style></head><body><main><h1>").Append(Text(title)).Append("</h1>");
        foreach (var paragraph in body.Paragraphs)
            html.Append("<p>").Append(Text(paragraph)).Append("</p>");
        if (body.Links.Count > 0)
        {
            html.Append("<ul>");
            foreach (var link in body.Links)
            {
                html.Append("<li><a href=\"").Append(Text(link.Href)).Append("\">").Append(Text(link.Text));
                if (link.Note is not null)
                    html.Append(" <small>").Append(Text(link.Note)).Append("</small>");
                html.Append("</a></li>");
            }
            html.Append("</ul>");
        }
        if (body.Button is { } button)
            html.Append("<form method=\"post\" action=\"").Append(Text(button.Action)).Append("\"><button>").Append(Text(button.Text)).Append("</button></form>");
        if (body.Reference is not null)
            html.Append("<p><small>Reference ").Append(Text(body.Reference)).Append("</small></p>");
        return html.Append("</main></body></html>").ToString();
    }

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);
}
