using System.Net;

namespace OrgGateway.Tests.Servers;

/// <summary>A browser without a screen: cookies, redirects and forms, every hop on record. One instance is one person.</summary>
public sealed class DemoBrowser(Uri home) : IDisposable
{
    private const int MaxHops = 20;

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
    })
    {
        Timeout = TimeSpan.FromSeconds(30),
    };

    public BrowserCookies Cookies { get; } = new();

    public void Dispose() => _http.Dispose();

    /// <summary>Types an address (or a path of the home server) and follows the redirects.</summary>
    public Task<BrowserVisit> GetAsync(string url, CancellationToken cancellationToken) =>
        NavigateAsync(HttpMethod.Get, new Uri(home, url), null, initiator: null, MaxHops, cancellationToken);

    /// <summary>Types an address and stops at the first answer, redirect or not.</summary>
    public Task<BrowserVisit> GetOneAsync(string url, CancellationToken cancellationToken) =>
        NavigateAsync(HttpMethod.Get, new Uri(home, url), null, initiator: null, 1, cancellationToken);

    /// <summary>Fills the given fields of a page's form, leaves the others as they are, and submits it.</summary>
    public Task<BrowserVisit> SubmitAsync(
        BrowserVisit page, BrowserForm form, IReadOnlyDictionary<string, string> filled, CancellationToken cancellationToken)
    {
        var fields = new Dictionary<string, string>(form.Fields, StringComparer.Ordinal);
        foreach (var (name, value) in filled)
            fields[name] = value;
        return form.Method == HttpMethod.Post
            ? NavigateAsync(HttpMethod.Post, form.Action, fields, page.Url, MaxHops, cancellationToken)
            : NavigateAsync(HttpMethod.Get, WithQuery(form.Action, fields), null, page.Url, MaxHops, cancellationToken);
    }

    public Task<BrowserVisit> SignInAsync(string startUrl, string email, CancellationToken cancellationToken) =>
        SignInAsync(startUrl, email, "demo", cancellationToken);

    /// <summary>
    /// Opens an address, fills the sign-in form it leads to and follows on to the end. When the provider remembers the
    /// person there is no form, and the first visit is the last.
    /// </summary>
    /// <returns>The last page, with the hops of the whole way.</returns>
    public async Task<BrowserVisit> SignInAsync(string startUrl, string email, string password, CancellationToken cancellationToken)
    {
        var page = await GetAsync(startUrl, cancellationToken);
        if (BrowserForm.In(page).FirstOrDefault(form => form.Fields.ContainsKey("password")) is not { } form)
            return page;
        var filled = new Dictionary<string, string> { ["email"] = email, ["password"] = password };
        var end = await SubmitAsync(page, form, filled, cancellationToken);
        return end with { Hops = [.. page.Hops, .. end.Hops] };
    }

    /// <summary>Sends one request as a script of a page would: this browser's cookies, no redirects, nothing added.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = new Uri(home, request.RequestUri!);
        if (Cookies.Header(request.RequestUri) is { } cookies)
            request.Headers.Add("Cookie", cookies);
        var response = await _http.SendAsync(request, cancellationToken);
        foreach (var line in SetCookies(response))
            Cookies.Read(request.RequestUri, line);
        return response;
    }

    private async Task<BrowserVisit> NavigateAsync(
        HttpMethod method, Uri url, IReadOnlyDictionary<string, string>? fields, Uri? initiator, int maxHops,
        CancellationToken cancellationToken)
    {
        var hops = new List<BrowserHop>();
        var site = initiator is null ? "none" : "same-origin";
        while (true)
        {
            site = Farther(site, initiator, url);
            using var request = new HttpRequestMessage(method, url);
            request.Headers.Add("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
            request.Headers.Add("Sec-Fetch-Dest", "document");
            request.Headers.Add("Sec-Fetch-Mode", "navigate");
            request.Headers.Add("Sec-Fetch-Site", site);
            request.Headers.Add("Sec-Fetch-User", "?1");
            if (method == HttpMethod.Post)
            {
                request.Content = new FormUrlEncodedContent(fields!);
                request.Headers.Add("Origin", initiator!.GetLeftPart(UriPartial.Authority));
            }

            var response = await SendAsync(request, cancellationToken);
            var location = response.Headers.Location is { } to ? new Uri(url, to) : null;
            hops.Add(new BrowserHop(method, url, (int)response.StatusCode, SetCookies(response), location));
            var redirect = response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
            if (!redirect || location is null || maxHops == 1)
                return new BrowserVisit(response, await response.Content.ReadAsStringAsync(cancellationToken), hops);

            if (hops.Count == maxHops)
                throw new InvalidOperationException($"{maxHops} redirects: {string.Join(" > ", hops.Select(hop => hop.Url.AbsolutePath))}");
            if (response.StatusCode is not (HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
                method = HttpMethod.Get;
            url = location;
            response.Dispose();
        }
    }

    // Fetch Metadata: the worst relation of any hop to the page that began the navigation; typed addresses have none.
    private static string Farther(string site, Uri? initiator, Uri url)
    {
        if (initiator is null || site == "cross-site")
            return site;
        if (initiator.Host != url.Host || initiator.Scheme != url.Scheme)
            return "cross-site";
        return initiator.Port == url.Port ? site : "same-site";
    }

    private static string[] SetCookies(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Set-Cookie", out var lines) ? [.. lines] : [];

    private static Uri WithQuery(Uri action, Dictionary<string, string> fields) => new UriBuilder(action)
    {
        Query = string.Join('&', fields.Select(field => $"{Uri.EscapeDataString(field.Key)}={Uri.EscapeDataString(field.Value)}")),
    }.Uri;
}
