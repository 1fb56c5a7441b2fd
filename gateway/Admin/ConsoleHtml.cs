using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace OrgGateway.Admin;

/// <summary>Builds a console page; every text is escaped, and only what is written here is markup.</summary>
public sealed class ConsoleHtml(string formKey)
{
    private readonly StringBuilder _html = new(16 * 1024);
    private string? _table;

    public ConsoleHtml Heading(string text)
    {
        _table = text;
        return Raw("<h2>").Text(text).Raw("</h2>");
    }

    public ConsoleHtml Paragraph(string text) => Raw("<p>").Text(text).Raw("</p>");

    /// <summary>A table under the heading before it. A cell is text, or one of the cells made here.</summary>
    public ConsoleHtml Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<object?>> rows)
    {
        var count = 0;
        Raw("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"").Text(_table ?? "table").Raw("\"><table><thead><tr>");
        foreach (var column in columns)
            Raw("<th scope=\"col\">").Text(column).Raw("</th>");
        Raw("</tr></thead><tbody>");
        foreach (var row in rows)
        {
            Raw("<tr>");
            foreach (var cell in row)
                Raw("<td>").Cell(cell).Raw("</td>");
            Raw("</tr>");
            count++;
        }
        if (count == 0)
            Raw("<tr><td colspan=\"").Text(columns.Count.ToString(CultureInfo.InvariantCulture)).Raw("\">none</td></tr>");
        return Raw("</tbody></table></div>");
    }

    /// <summary>A form that only asks: it changes nothing and its answer has an address.</summary>
    public ConsoleHtml Question(string path, string button, params IReadOnlyList<(string Name, string Label, string? Value)> fields)
    {
        Raw("<form class=\"question\" action=\"").Text(Address(path)).Raw("\">");
        foreach (var (name, label, value) in fields)
            Raw("<label>").Text(label).Raw(" <input name=\"").Text(name).Raw("\" value=\"").Text(value ?? "").Raw("\" autocomplete=\"off\" spellcheck=\"false\"></label> ");
        return Raw("<button>").Text(button).Raw("</button></form>");
    }

    public static object Link(string path, string text) => new Anchor(Address(path), text);

    /// <summary>A button that does something: it posts, with this sign-in's form key.</summary>
    /// <param name="about">What for, in words for who hears and does not see the row.</param>
    public object Button(string path, string text, string about, params IReadOnlyList<(string Name, string Value)> fields) => new Post(Address(path), text, about, fields);

    public ConsoleHtml Action(string path, string text, string about, params IReadOnlyList<(string Name, string Value)> fields)
    {
        Cell(Button(path, text, about, fields));
        return this;
    }

    public override string ToString() => _html.ToString();

    internal static string Address(string path) => path.Length == 0 ? ConsoleSession.Path + "/" : $"{ConsoleSession.Path}/{path}";

    internal ConsoleHtml Raw(string markup)
    {
        _html.Append(markup);
        return this;
    }

    internal ConsoleHtml Text(string text)
    {
        _html.Append(HtmlEncoder.Default.Encode(text));
        return this;
    }

    private ConsoleHtml Cell(object? cell) => cell switch
    {
        null => Raw("<span class=\"no\">-</span>"),
        Anchor anchor => Raw("<a href=\"").Text(anchor.Address).Raw("\">").Text(anchor.Text).Raw("</a>"),
        Post post => WritePost(post),
        DateTimeOffset time => Raw("<time>").Text(time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)).Raw("</time>"),
        bool flag => Text(flag ? "yes" : "no"),
        _ => Text(Convert.ToString(cell, CultureInfo.InvariantCulture) ?? ""),
    };

    private ConsoleHtml WritePost(Post post)
    {
        Raw("<form method=\"post\" action=\"").Text(post.Address).Raw("\"><input type=\"hidden\" name=\"form\" value=\"").Text(formKey).Raw("\">");
        foreach (var (name, value) in post.Fields)
            Raw("<input type=\"hidden\" name=\"").Text(name).Raw("\" value=\"").Text(value).Raw("\">");
        return Raw("<button aria-label=\"").Text($"{post.Text}: {post.About}").Raw("\">").Text(post.Text).Raw("</button></form>");
    }

    private sealed record Anchor(string Address, string Text);

    private sealed record Post(string Address, string Text, string About, IReadOnlyList<(string Name, string Value)> Fields);
}
