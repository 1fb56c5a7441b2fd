using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Bearer;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Admin;

/// <summary>What the admin API makes where there is no command line to do it: the store is in the gateway's memory.</summary>
public sealed class AdminMakesTests : IAsyncLifetime
{
    private GatewayStack? _stack;

    private GatewayStack Stack => _stack!;

    public async Task InitializeAsync() => _stack = await GatewayStack.StartAsync(new()
    {
        Configure = (_, configuration) =>
        {
            configuration["Gateway"]!["Management"]!["Token"] = AdminServers.Token;
            BearerServers.AddRoute(configuration, "keyed", "/keyed/{org}/{**rest}", ("Credentials", "apikey"), ("Permissions", "document:write"));
        },
    });

    public async Task DisposeAsync() => await Stack.DisposeAsync();

    [Fact]
    [Trait("Row", "A10")]
    [Trait("Row", "G24")]
    public async Task A_key_is_made_shown_once_and_ended()
    {
        using var http = new HttpClient();
        var (status, made, location) = await SendAsync(http, HttpMethod.Post, "/admin/v1/api-keys", """{ "org": "acme", "name": "nightly", "roles": ["member"], "expiresIn": "01:00:00" }""");
        Assert.Equal((HttpStatusCode.Created, "org_acme"), (status, (string?)made["orgId"]));
        var (id, key) = ((string)made["id"]!, (string)made["key"]!);
        Assert.Equal("/admin/v1/api-keys/" + id, location);

        Assert.Equal(HttpStatusCode.OK, await CallAsync(http, "/keyed/acme/x", key));
        Assert.Equal(HttpStatusCode.Forbidden, await CallAsync(http, "/keyed/globex/x", key));
        foreach (var path in new[] { location!, "/admin/v1/api-keys" })
            Assert.DoesNotContain(key, (await SendAsync(http, HttpMethod.Get, path)).Body.ToJsonString());
        Assert.Equal("nightly", (string?)(await SendAsync(http, HttpMethod.Get, location!)).Body["name"]);

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(http, HttpMethod.Delete, location!)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(http, "/keyed/acme/x", key));
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(http, HttpMethod.Get, location!)).Status);
    }

    [Fact]
    public async Task A_key_that_cannot_be_is_400_and_names_what_is_wrong()
    {
        using var http = new HttpClient();
        foreach (var (body, named) in new[]
        {
            ("", "JSON"), ("nonsense", "JSON"), ("null", "JSON"), ("[]", "JSON"), ("{}", "org"), ("""{ "org": 5 }""", "$.org"), ("""{ "org": "a b" }""", "a b"),
            ("""{ "org": "acme", "orgId": "org_globex" }""", "org"), ("""{ "org": "acme", "org": "globex" }""", "$.org"), ("""{ "org": "acme", "colour": "red" }""", "colour"),
            ("""{ "org": "acme", "roles": "member" }""", "$.roles"), ("""{ "org": "acme", "roles": [null] }""", "null"), ("""{ "org": "acme", "expires": "2020-01-01T00:00:00Z" }""", "past"),
            ("""{ "org": "acme", "expires": "9999-12-31T23:59:59Z" }""", "50 years"), ("""{ "org": "acme", "expiresIn": "10675199.02:48:05" }""", "50 years"), ("""{ "org": "acme", "expiresIn": "-10675199.02:48:05" }""", "past"),
            ("""{ "org": "acme", "ownerIssuer": "https://nobody.example" }""", "ownerIssuer"),
        })
        {
            var (status, problem, _) = await SendAsync(http, HttpMethod.Post, "/admin/v1/api-keys", body);
            Assert.Equal((body, HttpStatusCode.BadRequest, "invalid_parameter"), (body, status, (string?)problem["code"]));
            Assert.Contains(named, (string?)problem["detail"], StringComparison.Ordinal);
        }
        Assert.Empty((await SendAsync(http, HttpMethod.Get, "/admin/v1/api-keys")).Body["items"]!.AsArray());
    }

    [Fact]
    public async Task An_organization_is_kept_in_the_directory_and_the_configuration_is_not_changed()
    {
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(http, HttpMethod.Put, "/admin/v1/organizations/org_umbrella", """{ "slug": "umbrella", "name": "Umbrella" }""")).Status);
        var listed = (await SendAsync(http, HttpMethod.Get, "/admin/v1/organizations")).Body["items"]!.AsArray();
        Assert.Equal([("acme", "config"), ("umbrella", "store")], listed.Select(o => ((string)o!["slug"]!, (string)o["source"]!)).Where(o => o.Item1 is "acme" or "umbrella"));
        Assert.Equal("org_umbrella", (string?)(await SendAsync(http, HttpMethod.Get, "/admin/v1/organizations/umbrella")).Body["id"]);

        foreach (var (path, body, status) in new[]
        {
            ("org_acme", """{ "slug": "acme" }""", HttpStatusCode.Conflict), ("org_other", """{ "slug": "acme" }""", HttpStatusCode.Conflict), ("org_other", """{ "slug": "umbrella" }""", HttpStatusCode.Conflict),
            ("org_other", "nonsense", HttpStatusCode.BadRequest), ("org_other", """{ "slug": "a b" }""", HttpStatusCode.BadRequest), ("org_other", """{ "colour": "red" }""", HttpStatusCode.BadRequest), ("a%20b", "{}", HttpStatusCode.BadRequest),
        })
            Assert.Equal((path, body, status), (path, body, (await SendAsync(http, HttpMethod.Put, "/admin/v1/organizations/" + path, body)).Status));

        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(http, HttpMethod.Delete, "/admin/v1/organizations/acme")).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(http, HttpMethod.Delete, "/admin/v1/organizations/org_umbrella")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(http, HttpMethod.Delete, "/admin/v1/organizations/org_umbrella")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(http, HttpMethod.Get, "/admin/v1/organizations/org_umbrella")).Status);
    }

    [Fact]
    [Trait("Row", "P7")]
    public async Task A_person_is_revoked_by_path_and_a_host_that_is_none_is_explained()
    {
        using var http = new HttpClient();
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        Assert.Equal("membership", (string?)(await SendAsync(http, HttpMethod.Delete, "/admin/v1/users/u-alice/organizations/globex")).Body["scope"]);
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.OK), (await StatusAsync(alice, "/orgs/globex/x"), await StatusAsync(alice, "/orgs/acme/x")));
        Assert.Equal("subject", (string?)(await SendAsync(http, HttpMethod.Delete, "/admin/v1/users/alice@acme.test")).Body["scope"]);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(alice, "/orgs/acme/x"));
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(http, HttpMethod.Delete, "/admin/v1/users/nobody@acme.test")).Status);
        var told = (await SendAsync(http, HttpMethod.Get, "/admin/v1/explain?path=/me&host=%00")).Body;
        Assert.Equal((400, "host"), ((int)told["status"]!, (string?)told["rule"]));
    }

    private static async Task<HttpStatusCode> StatusAsync(DemoBrowser browser, string path)
    {
        using var answer = await browser.SendAsync(new(HttpMethod.Get, path), CancellationToken.None);
        return answer.StatusCode;
    }

    private async Task<(HttpStatusCode Status, JsonNode Body, string? Location)> SendAsync(HttpClient http, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(Stack.Gateway.ManagementUrl, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AdminServers.Token);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!, answer.Headers.Location?.OriginalString);
    }

    private async Task<HttpStatusCode> CallAsync(HttpClient http, string path, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Stack.Gateway.Url, path));
        request.Headers.Add("X-Api-Key", key);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }
}
