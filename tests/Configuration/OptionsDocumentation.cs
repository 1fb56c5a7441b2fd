using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Configuration;

/// <summary>The summaries that stand in the source of the options: an editor shows them where a setting is typed.</summary>
internal sealed partial class OptionsDocumentation
{
    private readonly Dictionary<(string Type, string Member), string> _summaries = [];

    public OptionsDocumentation()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("gateway"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal)))
            Read(File.ReadLines(file));
    }

    /// <returns>Null where nothing is written.</returns>
    public string? Of(Type type, string member) => _summaries.GetValueOrDefault((type.Name, member));

    public string? Of(Type type) => _summaries.GetValueOrDefault((type.Name, ""));

    private void Read(IEnumerable<string> lines)
    {
        var summary = new StringBuilder();
        var type = "";
        foreach (var line in lines)
        {
            if (line.AsSpan().Trim().StartsWith("///"))
            {
                summary.Append(line.Trim().AsSpan(3)).Append(' ');
                continue;
            }
            if (Declaration().Match(line) is { Success: true } declared)
                Keep((type = declared.Groups[1].Value, ""), summary.ToString());
            else if (Property().Match(line) is { Success: true } property)
                Keep((type, property.Groups[1].Value), summary.ToString());
            if (!line.AsSpan().Trim().StartsWith("["))
                summary.Clear();
        }
    }

    private void Keep((string, string) name, string comment)
    {
        var text = Space().Replace(Tag().Replace(Reference().Replace(comment, m => m.Groups[1].Value[(m.Groups[1].Value.LastIndexOf('.') + 1)..]), ""), " ").Trim();
        if (text.Length > 0)
            _summaries[name] = WebUtility.HtmlDecode(text);
    }

    [GeneratedRegex(@"^\s*public (?:sealed |abstract |static |partial )*(?:class|record|enum) (\w+)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^\s*public (?:required )?[\w<>?,\. ]+ (\w+) \{ get;")]
    private static partial Regex Property();

    [GeneratedRegex("""<(?:see|paramref) (?:cref|name)="([^"]+)"\s*/>""")]
    private static partial Regex Reference();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
