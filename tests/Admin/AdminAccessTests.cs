using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Admin;

/// <summary>Who is let in to the operators' side, and what it says to who is not.</summary>
public sealed class AdminAccessTests(AdminServers servers) : IClassFixture<AdminServers>
{
    [Fact]
    [Trait("Row", "T114")]
    public async Task Without_the_token_every_path_of_the_admin_side_is_401_and_says_how()
    {
        foreach (var path in new[] { "/admin/v1/sessions", "/admin/v1/users", "/admin/v1/organizations", "/admin/v1/org-tokens", "/admin/v1/api-keys", "/admin/v1/routes", "/admin/v1/explain?path=/", "/admin/v1/nothing", "/admin" })
        {
            using var answer = await servers.SendAsync(HttpMethod.Get, path, token: null);
            var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            Assert.Equal((path, HttpStatusCode.Unauthorized, "unauthenticated"), (path, answer.StatusCode, (string?)problem["code"]));
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
            Assert.True(answer.Headers.CacheControl!.NoStore);
            using var elsewhere = await servers.Http.GetAsync(new Uri(servers.Stack.Url, path));
            Assert.Equal((path, HttpStatusCode.NotFound), (path, elsewhere.StatusCode));
        }
    }

    [Fact]
    public async Task An_unknown_path_is_404_and_a_bad_parameter_names_itself()
    {
        Assert.Equal("not_found", (string?)(await servers.JsonAsync(HttpMethod.Get, "/admin/v1/nothing", HttpStatusCode.NotFound))["code"]);
        var problem = await servers.JsonAsync(HttpMethod.Get, "/admin/v1/refusals?limit=many", HttpStatusCode.BadRequest);
        Assert.Equal("invalid_parameter", (string?)problem["code"]);
        Assert.StartsWith("limit: ", (string?)problem["detail"]);
    }

    [Theory]
    [InlineData("/admin/v1/sessions", "GET, HEAD, DELETE")]
    [InlineData("/admin/v1/sessions/one", "DELETE")]
    [InlineData("/admin/v1/users", "GET, HEAD")]
    [InlineData("/admin/v1/organizations", "GET, HEAD")]
    [InlineData("/admin/v1/organizations/acme", "GET, HEAD, PUT, DELETE")]
    [InlineData("/admin/v1/org-tokens", "GET, HEAD")]
    [InlineData("/admin/v1/org-tokens/refresh", "POST")]
    [InlineData("/admin/v1/org-tokens/nobody/refresh", "POST")]
    [InlineData("/admin/v1/api-keys", "GET, HEAD, POST")]
    [InlineData("/admin/v1/api-keys/key_none/disable", "POST")]
    [InlineData("/admin/v1/routes", "GET, HEAD")]
    [InlineData("/admin/v1/refusals", "GET, HEAD")]
    [InlineData("/admin/v1/sockets", "GET, HEAD")]
    [InlineData("/admin/v1/explain", "GET, HEAD")]
    [InlineData("/health/live", "GET, HEAD")]
    [InlineData("/health/ready", "GET, HEAD")]
    [InlineData("/metrics", "GET, HEAD")]
    [InlineData("/", "GET, HEAD")]
    [InlineData("/console", "GET, HEAD")]
    [InlineData("/console/", "GET, HEAD")]
    [InlineData("/console/sessions", "GET, HEAD")]
    [InlineData("/console/explain", "GET, HEAD")]
    [InlineData("/console/sign-in", "GET, HEAD, POST")]
    [InlineData("/console/sign-out", "POST")]
    [InlineData("/console/sessions/do/end", "POST")]
    public async Task A_method_that_a_path_does_not_have_is_405_with_those_it_has(string path, string allowed)
    {
        foreach (var method in new[] { "PUT", "PATCH", "OPTIONS", "FOO", "HEAD", "GET", "POST", "DELETE" })
        {
            if (allowed.Split(", ").Contains(method))
            {
                // Only what changes nothing is tried for what it does.
                if (method is "GET" or "HEAD")
                {
                    using var read = await servers.SendAsync(new HttpMethod(method), path);
                    Assert.True(read.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.SeeOther, $"{method} {path}: {read.StatusCode}");
                }
                continue;
            }
            using var answer = await servers.SendAsync(new HttpMethod(method), path);
            Assert.Equal((method, HttpStatusCode.MethodNotAllowed, allowed), (method, answer.StatusCode, string.Join(", ", answer.Content.Headers.Allow)));
            if (method != "HEAD")
                Assert.Equal("method_not_allowed", (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]);
            if (path.StartsWith("/admin", StringComparison.Ordinal))
            {
                using var stranger = await servers.SendAsync(new HttpMethod(method), path, token: null);
                Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
            }
        }
        using var nothing = await servers.SendAsync(HttpMethod.Put, path.TrimEnd('/') + "/nothing/at/all");
        Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
    }

    [Fact]
    public async Task Routes_and_organizations_are_those_in_force()
    {
        var routes = (await servers.JsonAsync(HttpMethod.Get, "/admin/v1/routes"))["items"]!.AsArray();
        var administration = routes.Single(r => (string?)r!["id"] == "administration")!;
        Assert.Equal(("/orgs/{org}/admin/{**rest}", "member", "User"), ((string?)administration["path"], (string?)administration["access"], (string?)administration["token"]));
        Assert.Equal(["admin"], administration["roles"]!.AsArray().Select(r => (string?)r));
        var organizations = (await servers.JsonAsync(HttpMethod.Get, "/admin/v1/organizations"))["items"]!.AsArray();
        Assert.Equal(["acme", "globex", "initech"], organizations.Select(o => (string?)o!["slug"]));
        Assert.DoesNotContain("acme-demo-secret", organizations.ToJsonString());
    }

    [Fact]
    public async Task Who_guesses_the_token_is_not_listened_to_for_a_while()
    {
        // A gateway of its own: the limit is by address, and every test has the same.
        await using var gateway = await GatewayProcess.StartAsync(DemoConfiguration.Elsewhere(servers.Stack.Configuration));
        for (var i = 0; i < 30; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, "wrong token number " + i));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(gateway, "wrong token number 30"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(gateway, AdminServers.Token));
        using var health = await servers.Http.GetAsync(new Uri(gateway.ManagementUrl, "/health/live"));
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task Without_a_token_in_the_configuration_nothing_of_it_is_there()
    {
        var configuration = DemoConfiguration.Elsewhere(servers.Stack.Configuration);
        configuration["Gateway"]!["Management"]!.AsObject().Remove("Token");
        await using var gateway = await GatewayProcess.StartAsync(configuration);
        foreach (var path in new[] { "/admin/v1/routes", "/", "/console/", "/console/sign-in" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.ManagementUrl, path));
            request.Headers.Add("Authorization", "Bearer ");
            using var answer = await servers.Http.SendAsync(request);
            Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.SeeOther, $"{path}: {answer.StatusCode}");
            using var wrong = new HttpRequestMessage(HttpMethod.Put, new Uri(gateway.ManagementUrl, path));
            using var refused = await servers.Http.SendAsync(wrong);
            Assert.Equal((path, HttpStatusCode.NotFound, 0), (path, refused.StatusCode, refused.Content.Headers.Allow.Count));
        }
    }

    [Fact]
    public async Task A_short_token_stops_the_start()
    {
        var refused = await GatewayProcess.RunToExitAsync(["check"], """{ "Gateway": { "Management": { "Token": "fifteen letters" } } }""");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Gateway:Management:Token: shorter than 16 characters", refused.Output);
        Assert.DoesNotContain("fifteen letters", refused.Output);
    }

    private async Task<HttpStatusCode> StatusAsync(GatewayProcess gateway, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.ManagementUrl, "/admin/v1/routes"));
        request.Headers.Add("Authorization", "Bearer " + token);
        using var answer = await servers.Http.SendAsync(request);
        return answer.StatusCode;
    }
}
