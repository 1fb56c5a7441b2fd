using System.Net;
using System.Text.RegularExpressions;

namespace OrgGateway.Bench.Load;

/// <summary>A browser without a window: follows redirects, fills forms, keeps cookies of each origin.</summary>
public sealed partial class SignIn : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly Dictionary<string, Dictionary<string, string>> _cookies = [];

    /// <returns>The Cookie header with which the page was shown in the end.</returns>
    public async Task<string> AtAsync(Uri page, string email, string password)
    {
        var (method, url, form) = (HttpMethod.Get, page, new Dictionary<string, string>());
        for (var hop = 0; hop < 20; hop++)
        {
            using var request = new HttpRequestMessage(method, url);
            request.Headers.Add("Accept", "text/html");
            request.Headers.Add("Sec-Fetch-Mode", "navigate");
            if (method == HttpMethod.Post)
            {
                request.Content = new FormUrlEncodedContent(form);
                request.Headers.Add("Origin", url.GetLeftPart(UriPartial.Authority));
            }
            if (CookiesOf(url) is { Length: > 0 } cookies) request.Headers.TryAddWithoutValidation("Cookie", cookies);
            using var answer = await _http.SendAsync(request);
            Remember(url, answer);
            var html = await answer.Content.ReadAsStringAsync();

            if (answer.Headers.Location is { } location)
                (method, url) = (HttpMethod.Get, new Uri(url, location));
            else if (url == page && answer.IsSuccessStatusCode)
                return CookiesOf(page);
            else if (answer.StatusCode == HttpStatusCode.OK && Form().Match(html) is { Success: true } found)
                (method, url, form) = (HttpMethod.Post, ActionOf(found.Value, url), FieldsOf(found.Value, email, password));
            else
                throw new InvalidOperationException($"sign-in stopped at {url.GetLeftPart(UriPartial.Path)}: {(int)answer.StatusCode}\n{html}");
        }
        throw new InvalidOperationException("sign-in did not end");
    }

    public void Dispose() => _http.Dispose();

    private static Uri ActionOf(string form, Uri page) => new(page, AttributeOf(FormTag().Match(form).Value, "action") ?? page.AbsoluteUri);

    private static Dictionary<string, string> FieldsOf(string form, string email, string password)
    {
        Dictionary<string, string> fields = [];
        foreach (var tag in Input().Matches(form).Select(match => match.Value))
        {
            if (AttributeOf(tag, "name") is not { } name) continue;
            fields[name] = name switch { "email" => email, "password" => password, _ => AttributeOf(tag, "value") ?? "" };
        }
        return fields;
    }

    private static string? AttributeOf(string tag, string name)
    {
        var match = Regex.Match(tag, $"""\b{name}\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", RegexOptions.IgnoreCase);
        return match.Success ? WebUtility.HtmlDecode(match.Groups[1].Value + match.Groups[2].Value + match.Groups[3].Value) : null;
    }

    private string CookiesOf(Uri url) =>
        _cookies.TryGetValue(url.Authority, out var jar) ? string.Join("; ", jar.Select(cookie => $"{cookie.Key}={cookie.Value}")) : "";

    private void Remember(Uri url, HttpResponseMessage answer)
    {
        if (!answer.Headers.TryGetValues("Set-Cookie", out var set)) return;
        if (!_cookies.TryGetValue(url.Authority, out var jar)) _cookies[url.Authority] = jar = [];
        foreach (var cookie in set)
        {
            var pair = cookie.Split(';')[0].Split('=', 2);
            var isDeleted = pair[1].Length == 0 || cookie.Contains("max-age=0", StringComparison.OrdinalIgnoreCase) || cookie.Contains("01 Jan 1970", StringComparison.Ordinal);
            if (isDeleted) jar.Remove(pair[0]);
            else jar[pair[0]] = pair[1];
        }
    }

    [GeneratedRegex(@"<form\b.*?</form>", RegexOptions.IgnoreCase | RegexOptions.Singleline)] private static partial Regex Form();
    [GeneratedRegex(@"<form\b[^>]*>", RegexOptions.IgnoreCase)] private static partial Regex FormTag();
    [GeneratedRegex(@"<input\b[^>]*>", RegexOptions.IgnoreCase)] private static partial Regex Input();
}
