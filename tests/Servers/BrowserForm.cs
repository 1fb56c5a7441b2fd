using System.Net;
using System.Text.RegularExpressions;

namespace OrgGateway.Tests.Servers;

/// <summary>A form of a page: where it goes and what its inputs hold.</summary>
public sealed partial record BrowserForm(HttpMethod Method, Uri Action, IReadOnlyDictionary<string, string> Fields)
{
    public static IReadOnlyList<BrowserForm> In(BrowserVisit page) => [.. Form().Matches(page.Body).Select(match => Read(match, page.Url))];

    private static BrowserForm Read(Match form, Uri page)
    {
        var attributes = Attributes(form.Groups["attributes"].Value);
        var inputs = Input().Matches(form.Groups["content"].Value).Select(input => Attributes(input.Groups["attributes"].Value));
        return new BrowserForm(
            new HttpMethod(attributes.GetValueOrDefault("method", "GET").ToUpperInvariant()),
            new Uri(page, attributes.GetValueOrDefault("action", "")),
            inputs.Where(input => input.ContainsKey("name"))
                .GroupBy(input => input["name"], StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.First().GetValueOrDefault("value", ""), StringComparer.Ordinal));
    }

    private static Dictionary<string, string> Attributes(string text) =>
        Attribute().Matches(text)
            .GroupBy(match => match.Groups["name"].Value, match => match.Groups["value"].Value, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => WebUtility.HtmlDecode(group.First()), StringComparer.OrdinalIgnoreCase);

    [GeneratedRegex("<form(?<attributes>[^>]*)>(?<content>.*?)</form>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Form();

    [GeneratedRegex("<input(?<attributes>[^>]*)>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Input();

    [GeneratedRegex("(?<name>[a-zA-Z-]+)\\s*=\\s*\"(?<value>[^\"]*)\"")]
    private static partial Regex Attribute();
}
