using System.Text.Encodings.Web;
using System.Text.RegularExpressions;

namespace OrgGateway.Answers;

/// <summary>The frame of the gateway's own pages, made once of what the configuration says, and the policy that lets just this frame in.</summary>
public sealed partial class Branding
{
    private const string Frame =
        "<!doctype html><html lang=\"{{lang}}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">" +
        "<meta name=\"robots\" content=\"noindex\"><title>{{title}}</title><style>{{style}}</style></head><body><div class=\"page\">{{brand}}<main>{{content}}</main></div></body></html>";

    private readonly IReadOnlyDictionary<string, string> _texts;
    private readonly string _frame;

    public Branding(BrandingOptions options)
    {
        _texts = options.Texts;
        var style = PageStyle.Of(options.Colors);
        var logo = options.LogoType is { } type && !string.IsNullOrEmpty(options.Logo)
            ? $"<img src=\"data:{type};base64,{Convert.ToBase64String(File.ReadAllBytes(options.Logo))}\" alt=\"{(options.Name is null ? "Logo" : "")}\">"
            : "";
        var name = HtmlEncoder.Default.Encode(options.Name ?? "");
        // What is the operator's goes in first: a page's own text is never looked at for placeholders.
        _frame = (string.IsNullOrEmpty(options.Template) ? Frame : File.ReadAllText(options.Template))
            .Replace("{{style}}", style, StringComparison.Ordinal)
            .Replace("{{lang}}", options.Language, StringComparison.Ordinal)
            .Replace("{{brand}}", logo.Length + name.Length == 0 ? "" : $"<p class=\"brand\">{logo}{name}</p>", StringComparison.Ordinal)
            .Replace("{{logo}}", logo, StringComparison.Ordinal)
            .Replace("{{name}}", name, StringComparison.Ordinal);
        Policy = "default-src 'none'; style-src " + string.Join(' ', Style().Matches(_frame).Select(match => Hash(match.Groups[1].Value)).DefaultIfEmpty("'none'"))
            + "; img-src 'self' data:; base-uri 'none'";
    }

    /// <summary>
    /// Styles by their hash alone, pictures of this origin; no script, no frame, nothing from elsewhere. No form-action: the forms end, by
    /// redirect, at the provider, and browsers apply it to redirects too.
    /// </summary>
    public string Policy { get; }

    /// <summary>A sentence in the language of the pages.</summary>
    public string Say(string english) => _texts.GetValueOrDefault(english, english);

    /// <param name="title">Encoded.</param>
    /// <param name="content">HTML.</param>
    public string Page(string title, string content)
    {
        // In one pass each, content last: what a person or a provider wrote must not be replaced again.
        var at = _frame.IndexOf("{{content}}", StringComparison.Ordinal);
        return _frame[..at].Replace("{{title}}", title, StringComparison.Ordinal) + content + _frame[(at + "{{content}}".Length)..].Replace("{{title}}", title, StringComparison.Ordinal);
    }

    /// <summary>A hash source (CSP 3 §2.3.1).</summary>
    internal static string Hash(string inline) =>
        "'sha256-" + Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(inline))) + "'";

    [GeneratedRegex("<style[^>]*>(.*?)</style>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Style();
}
