using System.Text;
using System.Text.Encodings.Web;

namespace OrgGateway.Answers;

/// <summary>Writes the gateway's own pages: server-rendered, no script, everything escaped, nothing from elsewhere.</summary>
public sealed class PageLayout(Branding branding)
{
    public Task WriteAsync(HttpContext context, string title, PageBody body) =>
        SendAsync(context, branding.Page(Text(title), Content(title, body)), branding.Policy + "; frame-ancestors 'none'", framed: false);

    /// <summary>A page of ours with a script of ours, for a frame within this very origin.</summary>
    /// <param name="script">A constant of this program: its hash goes into the policy.</param>
    public static Task WriteFramedAsync(HttpContext context, string title, string script) => SendAsync(
        context, $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{Encode(title)}</title></head><body><script>{script}</script></body></html>",
        $"default-src 'none'; script-src {Branding.Hash(script)}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'", framed: true);

    private static Task SendAsync(HttpContext context, string page, string policy, bool framed)
    {
        var html = Encoding.UTF8.GetBytes(page);
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = html.Length;
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.XFrameOptions = framed ? "SAMEORIGIN" : "DENY";
        // Codes and states may stand in this page's own URL (T119).
        response.Headers["Referrer-Policy"] = "no-referrer";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(html, context.RequestAborted).AsTask();
    }

    private string Content(string title, PageBody body)
    {
        var html = new StringBuilder(1024);
        html.Append("<h1>").Append(Text(title)).Append("</h1>");
        foreach (var paragraph in body.Paragraphs)
            html.Append("<p>").Append(Text(paragraph)).Append("</p>");
        if (body.Form is { } form)
            Append(html, form);
        if (body.Links.Count > 0)
        {
            html.Append("<ul>");
            foreach (var link in body.Links)
            {
                html.Append(link.IsMain ? "<li class=\"main\"><a href=\"" : "<li><a href=\"").Append(Encode(link.Href)).Append("\">").Append(Text(link.Text));
                if (!string.IsNullOrEmpty(link.Note))
                    html.Append(" <small>").Append(Text(link.Note)).Append("</small>");
                html.Append("</a></li>");
            }
            html.Append("</ul>");
        }
        if (body.Button is { } button)
            html.Append("<form method=\"post\" action=\"").Append(Encode(button.Action)).Append("\"><button>").Append(Text(button.Text)).Append("</button></form>");
        if (body.Reference is not null)
            html.Append("<p class=\"reference\"><small>").Append(Text("Reference")).Append(' ').Append(Encode(body.Reference)).Append("</small></p>");
        return html.ToString();
    }

    private void Append(StringBuilder html, PageForm form)
    {
        var field = form.Field;
        html.Append("<form method=\"get\" action=\"").Append(Encode(form.Action)).Append("\">");
        foreach (var (name, value) in form.Hidden)
            html.Append("<input type=\"hidden\" name=\"").Append(Encode(name)).Append("\" value=\"").Append(Encode(value)).Append("\">");
        html.Append("<label for=\"field\">").Append(Text(field.Label)).Append("</label><input id=\"field\" name=\"").Append(Encode(field.Name))
            .Append("\" type=\"").Append(Encode(field.Type)).Append("\" autocomplete=\"").Append(Encode(field.Autocomplete)).Append("\" value=\"").Append(Encode(field.Value))
            .Append(form.Error is null ? "\" required>" : "\" required aria-invalid=\"true\" aria-describedby=\"error\">");
        if (form.Error is not null)
            html.Append("<p class=\"error\" id=\"error\" role=\"alert\">").Append(Text(form.Error)).Append("</p>");
        html.Append("<button>").Append(Text(form.Submit)).Append("</button></form>");
    }

    private string Text(string text) => Encode(branding.Say(text));

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
