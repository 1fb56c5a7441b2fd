using System.Buffers.Text;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Tokens;

public sealed class OrganizationGrantChainTests(OrganizationGrantServers servers) : IClassFixture<OrganizationGrantServers>, IDisposable
{
    private static readonly string[] Slugs = ["acme", "globex", "initech"];
    private static int _paths;
    private readonly CookieClient _client = new();

    private GatewayStack Stack => servers.Stack;

    private Counters Counters => Stack.Provider.Counters;

    public void Dispose() => _client.Dispose();

    [Fact]
    [Trait("Row", "S30")]
    [Trait("Row", "T74")]
    [Trait("Row", "C22")]
    public async Task Every_request_carries_the_token_of_its_own_organization_and_one_refresh_token_serves_them_all()
    {
        var cookie = await SignedInAsync("carol@initech.test");
        var before = Counters.Refreshes.Value;
        var asked = Enumerable.Range(0, 60).Select(i => (Slug: Slugs[i % 3], Path: $"/orgs/{Slugs[i % 3]}/{Interlocked.Increment(ref _paths)}", Gateway: servers.Gateways[i % 2])).ToList();
        var statuses = await Task.WhenAll(asked.Select(a => _client.StatusAsync(a.Gateway.Url, a.Path, cookie)));
        Assert.Equal(Enumerable.Repeat(HttpStatusCode.OK, 60), statuses);
        Assert.All(asked, a => Assert.Equal("org_" + a.Slug, ClaimUpstreamSees(a.Path, "org_id")));
        // One for each organization, one after the other, for both replicas; none was presented twice.
        Assert.Equal(3, Counters.Refreshes.Value - before);
        Assert.Equal(0, Counters.ReuseDetections.Value);

        foreach (var slug in Slugs)
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Cookie", "orggw=" + cookie);
            socket.Options.SetRequestHeader("Origin", Stack.Origin);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            await socket.ConnectAsync(new UriBuilder(Stack.Url) { Scheme = "ws", Path = $"/orgs/{slug}/live" }.Uri, limit.Token);
            Assert.Equal("org_" + slug, ClaimUpstreamSees($"/orgs/{slug}/live", "org_id"));
            socket.Abort();
        }
        Assert.Equal(3, Counters.Refreshes.Value - before);
    }

    [Fact]
    [Trait("Row", "T73")]
    public async Task A_token_for_another_organization_is_thrown_away_and_said_so()
    {
        var cookie = await SignedInAsync("alice@acme.test");
        Stack.Provider.Faults.RefreshesFor = "org_globex";
        try
        {
            var path = $"/orgs/acme/{Interlocked.Increment(ref _paths)}";
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await _client.StatusAsync(Stack.Url, path, cookie));
            Assert.DoesNotContain(Stack.Upstream.Requests, request => request.RawTarget == path);
            await Wait.UntilAsync(() => Stack.Gateway.Output.Contains("token.discarded reason=other_organization", StringComparison.Ordinal), TimeSpan.FromSeconds(10), "the audit says so");
        }
        finally
        {
            Stack.Provider.Faults.RefreshesFor = null;
        }
        // The session goes on: its refresh token had rotated and was kept.
        await Wait.UntilAsync(async () => await _client.StatusAsync(Stack.Url, "/orgs/acme/x", cookie) == HttpStatusCode.OK, TimeSpan.FromSeconds(20), "the right token comes");
        Assert.Equal(0, Counters.ReuseDetections.Value);
    }

    [Fact]
    [Trait("Row", "R4")]
    [Trait("Row", "P17")]
    public async Task An_organization_that_wants_its_own_sign_in_is_asked_for_it_and_the_others_go_on()
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        var cookie = Stack.SessionOf(browser)!;
        Stack.Provider.Faults.RefreshErrors["org_globex"] = "sso_required";
        try
        {
            var page = await browser.GetOneAsync("/orgs/globex/x?tab=2", CancellationToken.None);
            Assert.Equal((302, "/auth/login", "?org=globex&next=%2Forgs%2Fglobex%2Fx%3Ftab%3D2"), (page.Status, page.Hops[0].Location!.AbsolutePath, page.Hops[0].Location!.Query));
            using var refused = await _client.GetAsync(servers.Gateways[1].Url, "/orgs/globex/x", cookie);
            var problem = JsonNode.Parse(await refused.Content.ReadAsStringAsync())!;
            Assert.Equal((HttpStatusCode.Unauthorized, "org_reauth_required", "/auth/login?org=globex&next=%2F"), (refused.StatusCode, (string?)problem["code"], (string?)problem["login_url"]));
            Assert.False(refused.Headers.Contains("Set-Cookie"));
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Cookie", "orggw=" + cookie);
            socket.Options.SetRequestHeader("Origin", Stack.Origin);
            socket.Options.CollectHttpResponseDetails = true;
            await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new UriBuilder(Stack.Url) { Scheme = "ws", Path = "/orgs/globex/live" }.Uri, CancellationToken.None));
            Assert.Equal(HttpStatusCode.Unauthorized, socket.HttpStatusCode);

            var others = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => _client.StatusAsync(servers.Gateways[i % 2].Url, "/orgs/acme/x", cookie)));
            Assert.Equal(Enumerable.Repeat(HttpStatusCode.OK, 100), others);
        }
        finally
        {
            Stack.Provider.Faults.RefreshErrors.Clear();
        }
        var done = await browser.GetAsync("/auth/login?org=globex&next=%2Forgs%2Fglobex%2Fx", CancellationToken.None);
        Assert.Equal((200, "/orgs/globex/x"), (done.Status, done.Url.AbsolutePath));
        Assert.Equal(200, (await browser.GetAsync("/orgs/acme/x", CancellationToken.None)).Status);
        Assert.Equal(0, Counters.ReuseDetections.Value);
    }

    [Fact]
    [Trait("Row", "T64")]
    [Trait("Row", "T65")]
    public async Task Exchanges_at_once_give_each_route_and_organization_its_own_audience()
    {
        var cookie = await SignedInAsync("carol@initech.test");
        var before = Counters.TokenExchanges.Value;
        string[] kinds = ["billing", "ledger"];
        var asked = Enumerable.Range(0, 60).Select(i => (Kind: kinds[i % 2], Slug: Slugs[i % 3], Path: $"/{kinds[i % 2]}/{Slugs[i % 3]}/{Interlocked.Increment(ref _paths)}", Gateway: servers.Gateways[i / 2 % 2])).ToList();
        var statuses = await Task.WhenAll(asked.Select(a => _client.StatusAsync(a.Gateway.Url, a.Path, cookie)));
        Assert.Equal(Enumerable.Repeat(HttpStatusCode.OK, 60), statuses);
        Assert.All(asked, a => Assert.Equal(
            (a.Kind == "billing" ? "billing-api" : "ledger|api", "org_" + a.Slug), (ClaimUpstreamSees(a.Path, "aud"), ClaimUpstreamSees(a.Path, "org_id"))));
        Assert.Equal(6, Counters.TokenExchanges.Value - before);
        Assert.Equal(HttpStatusCode.OK, await _client.StatusAsync(Stack.Url, "/mine", cookie));
        Assert.Equal(("billing-api", null), (ClaimUpstreamSees("/mine", "aud"), ClaimUpstreamSees("/mine", "org_id")));
        Assert.Equal(7, Counters.TokenExchanges.Value - before);
    }

    private async Task<string> SignedInAsync(string email)
    {
        using var browser = await Stack.SignedInAsync(email);
        return Stack.SessionOf(browser)!;
    }

    private string? ClaimUpstreamSees(string path, string claim)
    {
        var token = Stack.Upstream.Requests.Last(request => request.RawTarget == path).Header("Authorization")!["Bearer ".Length..];
        return (string?)JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))![claim];
    }
}
