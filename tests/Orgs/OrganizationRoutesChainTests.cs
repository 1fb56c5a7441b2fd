using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Orgs;

/// <summary>Where a URL may name its organization, through a running gateway: path, host, wildcard host, nowhere.</summary>
public sealed class OrganizationRoutesChainTests(OrganizationServers servers) : IClassFixture<OrganizationServers>, IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false });

    private GatewayStack Stack => servers.Stack;

    [Fact, Trait("Row", "T30")]
    public async Task A_host_names_the_organization_in_every_way_of_writing_it_or_nothing_does()
    {
        var cookie = await CookieAsync("una@umbrella.test");
        foreach (var host in new[] { "acme.example.test", "ACME.Example.TEST", "acme.example.test:8080", "acme.example.test." })
            Assert.Equal("org_acme", (await ForwardedAsync("/hosted/x", cookie, host)).Header("X-Auth-Org-Id"));
        foreach (var host in new[] { "xacme.example.test", "globex.example.test", "acme.example.test.evil.test" })
            Assert.Equal((HttpStatusCode.Forbidden, "org_required"), await CodeAsync("/hosted/x", cookie, host));

        foreach (var host in new[] { "umbrella.tenants.test", "UMBRELLA.tenants.test", "umbrella.tenants.test:444", "umbrella.tenants.test.:444" })
            Assert.Equal(("org_umbrella", "umbrella"), Org(await ForwardedAsync("/wild/x", cookie, host)));
        Assert.Equal((HttpStatusCode.Forbidden, "not_a_member"), await CodeAsync("/wild/x", cookie, "globex.tenants.test"));
        Assert.Equal((HttpStatusCode.Forbidden, "org_required"), await CodeAsync("/wild/x", cookie, "a.umbrella.tenants.test"));
        Assert.Equal(HttpStatusCode.NotFound, (await CodeAsync("/wild/x", cookie, "tenants.test")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await CodeAsync("/wild/x", cookie, "umbrella.tenants.test.evil.test")).Status);
    }

    [Fact]
    public async Task A_socket_may_come_from_its_organizations_own_host_and_from_no_other_organizations()
    {
        var cookie = await CookieAsync("una@umbrella.test");
        Assert.Equal(101, await HandshakeAsync("/hosted/x", cookie, "acme.example.test", "http://acme.example.test"));
        Assert.Equal(403, await HandshakeAsync("/hosted/x", cookie, "acme.example.test", "http://umbrella.tenants.test"));
        Assert.Equal(403, await HandshakeAsync("/hosted/x", cookie, "acme.example.test", "https://acme.example.test"));
        Assert.Equal(403, await HandshakeAsync("/orgs/acme/live", cookie, null, "http://acme.example.test"));
    }

    [Fact, Trait("Row", "T75")]
    public async Task An_old_name_leads_a_members_page_on_and_everything_else_nowhere()
    {
        var cookie = await CookieAsync("una@umbrella.test");
        var stranger = await CookieAsync("bob@globex.test");
        var before = Stack.Upstream.Hits;
        using var page = await SendAsync("/orgs/acme-old/a%20b?q=1", cookie, page: true);
        Assert.Equal((HttpStatusCode.MovedPermanently, "/orgs/acme/a%20b?q=1", "no-store"), (page.StatusCode, page.Headers.Location?.OriginalString, page.Headers.CacheControl?.ToString()));
        Assert.Equal((HttpStatusCode.NotFound, "organization_moved"), await CodeAsync("/orgs/acme-old/x", cookie));
        Assert.Equal((HttpStatusCode.Forbidden, "not_a_member"), await CodeAsync("/orgs/acme-old/x", stranger));
        Assert.Equal(before, Stack.Upstream.Hits);
    }

    [Fact]
    public async Task A_slug_known_only_to_the_look_up_service_names_its_organization_by_both_names_alike()
    {
        var cookie = await CookieAsync("una@umbrella.test");
        foreach (var name in new[] { "umbrella", "org_umbrella" })
            Assert.Equal(("org_umbrella", "umbrella"), Org(await ForwardedAsync($"/orgs/{name}/x", cookie)));
        Assert.Equal(("org_claimed", "claimed"), Org(await ForwardedAsync("/orgs/claimed/x", cookie)));
        var asked = servers.Directory.Hits;
        for (var i = 0; i < 50; i++)
            await ForwardedAsync("/orgs/umbrella/x", cookie);
        Assert.Equal(asked, servers.Directory.Hits);
        Assert.Equal(HttpStatusCode.Unauthorized, (await CodeAsync("/orgs/never-asked/x", null)).Status);
        Assert.DoesNotContain(servers.Directory.Requests, r => r.RawTarget.Contains("never-asked", StringComparison.Ordinal));
    }

    [Fact, Trait("Row", "R2"), Trait("Row", "G9"), Trait("Row", "C13")]
    public async Task Without_an_organization_a_page_is_sent_to_the_choice_and_the_rest_is_refused()
    {
        var cookie = await CookieAsync("alice@acme.test");
        foreach (var (path, next) in new[] { ("/dashboard?tab=2", "/dashboard?tab=2"), ("/team", "/team/{org}") })
        {
            using var page = await SendAsync(path, cookie, page: true);
            Assert.Equal((HttpStatusCode.Found, "/auth/select-org?next=" + Uri.EscapeDataString(next)), (page.StatusCode, page.Headers.Location?.OriginalString));
            Assert.Equal((HttpStatusCode.Forbidden, "org_required"), await CodeAsync(path, cookie));
            Assert.Equal(403, await HandshakeAsync(path, cookie, null, Stack.Origin));
            Assert.Equal(HttpStatusCode.Unauthorized, (await CodeAsync(path, null)).Status);
        }
        using var chooser = await SendAsync("/auth/select-org?next=%2Fdashboard", cookie, page: true);
        Assert.Equal(HttpStatusCode.OK, chooser.StatusCode);

        using var bob = await Stack.SignedInAsync("bob@globex.test"); // one organization: straight through
        var end = await bob.GetAsync("/team", CancellationToken.None);
        Assert.Equal((200, "/team/globex"), (end.Status, end.Url.AbsolutePath));
        Assert.Equal("globex", Stack.Upstream.LastRequest.Header("X-Auth-Org-Slug"));
    }

    [Fact, Trait("Row", "R8")]
    public async Task A_path_of_no_route_is_nothing_for_everybody()
    {
        var cookie = await CookieAsync("alice@acme.test");
        foreach (var path in new[] { "/nowhere", "/orgs", "/orgs//x", "/teams/acme", "/dashboard/x" })
            foreach (var who in new[] { cookie, null })
            {
                Assert.Equal(HttpStatusCode.NotFound, (await CodeAsync(path, who)).Status);
                using var page = await SendAsync(path, who, page: true);
                Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
                Assert.Equal(404, await HandshakeAsync(path, who ?? "a=b", null, Stack.Origin));
            }
    }

    [Fact, Trait("Row", "C15")]
    public async Task A_personal_route_has_no_organization_and_an_organizations_is_never_personal()
    {
        var cookie = await CookieAsync("alice@acme.test");
        var personal = await ForwardedAsync("/personal/orgs/acme/x", cookie);
        Assert.Null(personal.Header("X-Auth-Org-Id"));
        Assert.StartsWith("Bearer ey", personal.Header("Authorization"), StringComparison.Ordinal);
        Assert.Equal("org_acme", (await ForwardedAsync("/orgs/acme/personal", cookie)).Header("X-Auth-Org-Id"));
    }

    [Fact, Trait("Row", "G4")]
    public async Task A_hundred_alternations_give_the_right_organization_each_time()
    {
        var cookie = await CookieAsync("alice@acme.test");
        for (var i = 0; i < 100; i++)
        {
            var slug = i % 2 == 0 ? "acme" : "globex";
            Assert.Equal(("org_" + slug, slug), Org(await ForwardedAsync($"/orgs/{slug}/x", cookie)));
        }
    }

    [Fact, Trait("Row", "G11")]
    public async Task Every_method_asks_the_same_question()
    {
        var cookie = await CookieAsync("una@umbrella.test");
        var before = Stack.Upstream.Hits;
        foreach (var method in new[] { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "FOO", "get" })
            Assert.Equal(HttpStatusCode.Forbidden, (await CodeAsync("/orgs/acme/admin/x", cookie, method: method)).Status);
        Assert.Equal(before, Stack.Upstream.Hits);
    }

    public void Dispose() => _http.Dispose();

    private static (string?, string?) Org(ReceivedRequest request) => (request.Header("X-Auth-Org-Id"), request.Header("X-Auth-Org-Slug"));

    private async Task<string> CookieAsync(string email)
    {
        using var browser = await Stack.SignedInAsync(email);
        return "orggw=" + Stack.SessionOf(browser);
    }

    private Task<HttpResponseMessage> SendAsync(string path, string? cookie, string? host = null, bool page = false, string method = "GET")
    {
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Stack.Url, path));
        if (cookie is not null)
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        if (host is not null)
            request.Headers.Host = host;
        if (page)
            request.Headers.TryAddWithoutValidation("Accept", "text/html");
        return _http.SendAsync(request);
    }

    private async Task<(HttpStatusCode Status, string? Code)> CodeAsync(string path, string? cookie, string? host = null, string method = "GET")
    {
        using var answer = await SendAsync(path, cookie, host, method: method);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.StartsWith('{') ? (string?)JsonNode.Parse(text)!["code"] : null);
    }

    private async Task<ReceivedRequest> ForwardedAsync(string path, string cookie, string? host = null)
    {
        using var answer = await SendAsync(path, cookie, host);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return Stack.Upstream.LastRequest;
    }

    private async Task<int> HandshakeAsync(string path, string cookie, string? host, string origin)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", cookie);
        socket.Options.SetRequestHeader("Origin", origin);
        if (host is not null)
            socket.Options.SetRequestHeader("Host", host);
        socket.Options.CollectHttpResponseDetails = true;
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await socket.ConnectAsync(new UriBuilder(new Uri(Stack.Url, path)) { Scheme = "ws" }.Uri, bound.Token);
        }
        catch (WebSocketException)
        {
            // Its status is read from the socket.
        }
        return (int)socket.HttpStatusCode;
    }
}
