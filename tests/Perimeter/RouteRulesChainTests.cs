using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Perimeter;

/// <summary>Every restriction that a route can have has effect, one at a time, and what is public passes untouched.</summary>
[Collection(PerimeterServers.Collection)]
public sealed class RouteRulesChainTests(PerimeterServers servers)
{
    private GatewayStack Stack => servers.Stack;

    [Fact, Trait("Row", "T69"), Trait("Row", "G15"), Trait("Row", "G16")]
    public async Task Each_restriction_refuses_who_lacks_just_that()
    {
        var alice = await servers.CookieAsync("alice@acme.test"); // admin of acme, viewer of globex
        var bob = await servers.CookieAsync("bob@globex.test"); // member of globex
        var unverified = await servers.CookieAsync("unverified@acme.test"); // member of acme by a role that nobody mapped, too
        foreach (var (cookie, path, status, code, missing) in new (string, string, int, string?, string?)[]
        {
            (alice, "/orgs/acme/admin/x", 200, null, null), (alice, "/orgs/globex/admin/x", 403, "missing_permission", "admin"),
            (alice, "/orgs/globex/documents/x", 403, "missing_permission", "document:write"), (bob, "/orgs/globex/documents/x", 200, null, null),
            (alice, "/orgs/initech/x", 403, "not_a_member", null), (unverified, "/verified", 403, "email_not_verified", null), (alice, "/verified", 200, null, null),
            (alice, "/orgs/acme/hidden/x", 200, null, null), (alice, "/orgs/globex/hidden/x", 404, "not_found", null), (bob, "/orgs/initech/hidden/x", 404, "not_found", null),
            (unverified, "/orgs/acme/admin/x", 403, "missing_permission", "admin"),
        })
        {
            var answer = await RawHttp.RequestAsync(Stack.Url, "POST", path, cookie, "Content-Length: 0");
            Assert.True(answer.Status == status, $"{path}: {answer.Text}");
            if (code is null)
                continue;
            var problem = JsonNode.Parse(answer.Body)!;
            Assert.Equal((code, missing, "urn:orggateway:" + code), ((string?)problem["code"], (string?)problem["missing"], (string?)problem["type"]));
        }
    }

    [Fact, Trait("Row", "P13")]
    public async Task A_report_only_route_forwards_and_logs_what_it_would_have_refused()
    {
        var alice = await servers.CookieAsync("alice@acme.test");
        Assert.Equal(200, (await RawHttp.GetAsync(Stack.Url, "/orgs/globex/report/x", alice)).Status);
        Assert.Equal("org_globex", Stack.Upstream.LastRequest.Header("X-Auth-Org-Id"));
        await Wait.UntilAsync(() => Stack.Gateway.Output.Contains("Route report is report-only: missing_permission", StringComparison.Ordinal), TimeSpan.FromSeconds(10), "the would-be refusal is logged");
        Assert.Equal(403, (await RawHttp.GetAsync(Stack.Url, "/orgs/globex/admin/x", alice)).Status); // enforced: the same reason
        Assert.Equal(401, (await RawHttp.GetAsync(Stack.Url, "/orgs/globex/report/x")).Status); // nobody is nobody all the same
    }

    [Fact, Trait("Row", "G7"), Trait("Row", "T14")]
    public async Task A_public_route_with_the_users_token_has_one_for_who_is_signed_in_and_none_for_anybody_else()
    {
        Assert.Equal(200, (await RawHttp.GetAsync(Stack.Url, "/maybe/x", "Authorization: Bearer evil")).Status);
        Assert.Equal(("anonymous", null), (Stack.Upstream.LastRequest.Header("X-Auth-Type"), Stack.Upstream.LastRequest.Header("Authorization")));
        Assert.Equal(200, (await RawHttp.GetAsync(Stack.Url, "/maybe/x", await servers.CookieAsync("alice@acme.test"), "Authorization: Bearer evil")).Status);
        Assert.Equal("user", Stack.Upstream.LastRequest.Header("X-Auth-Type"));
        Assert.StartsWith("Bearer ey", Stack.Upstream.LastRequest.Header("Authorization"), StringComparison.Ordinal);
    }

    [Fact, Trait("Row", "G31")]
    public async Task A_webhook_passes_byte_for_byte()
    {
        var body = "{ \"a\" :\t1,\r\n \"b\":\"\\u00e9\u00e9\" }  "u8.ToArray();
        var signature = Convert.ToHexString(HMACSHA256.HashData("key"u8, body));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Stack.Url, "/hook/a%20b?x=%2F&y=+")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json;  charset=UTF-8");
        request.Headers.TryAddWithoutValidation("X-Signature", signature);
        using var answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        var arrived = Stack.Upstream.LastRequest;
        Assert.Equal(signature, Convert.ToHexString(HMACSHA256.HashData("key"u8, Encoding.UTF8.GetBytes(arrived.Text))));
        Assert.Equal(("/hook/a%20b?x=%2F&y=+", signature, "application/json;  charset=UTF-8"), (arrived.RawTarget, arrived.Header("X-Signature"), arrived.Header("Content-Type")));
    }

    [Fact, Trait("Row", "S19"), Trait("Row", "G13")]
    public async Task A_static_route_asks_for_nobody_and_a_protected_one_forwards_just_this_organization()
    {
        var alice = await servers.CookieAsync("alice@acme.test");
        Assert.Equal(200, (await RawHttp.GetAsync(Stack.Url, "/assets/x.js", alice)).Status);
        Assert.Equal("anonymous", Stack.Upstream.LastRequest.Header("X-Auth-Type"));
        Assert.Equal(401, (await RawHttp.GetAsync(Stack.Url, "/private/x.js")).Status);

        Assert.Equal(200, (await RawHttp.GetAsync(Stack.Url, "/orgs/globex/x", alice)).Status);
        var arrived = Stack.Upstream.LastRequest;
        Assert.Equal(("org_globex", "globex", "viewer", ""), (arrived.Header("X-Auth-Org-Id"), arrived.Header("X-Auth-Org-Slug"), arrived.Header("X-Auth-Roles"), arrived.Header("X-Auth-Permissions")));
        Assert.DoesNotContain(arrived.Headers, h => h.Key.StartsWith("X-Auth-", StringComparison.OrdinalIgnoreCase) && h.Value.Contains("acme", StringComparison.Ordinal) && !h.Key.Contains("Email", StringComparison.OrdinalIgnoreCase));
    }
}
