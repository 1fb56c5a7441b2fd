using System.Net;
using System.Text.RegularExpressions;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>The links of a page by what people read.</summary>
internal static class Links
{
    public static string Of(BrowserVisit page, string text) => All(page).Single(link => link.Text == text).Href;

    public static IReadOnlyList<(string Href, string Text)> All(BrowserVisit page) =>
    [
        .. Regex.Matches(page.Body, "<a href=\"(?<href>[^\"]*)\">(?<text>[^<]*)")
            .Select(link => (WebUtility.HtmlDecode(link.Groups["href"].Value), WebUtility.HtmlDecode(link.Groups["text"].Value))),
    ];
}
