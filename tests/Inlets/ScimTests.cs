using System.Net;
using System.Text;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Inlets;

[Collection(ThreeReplicas.Collection)]
public sealed class ScimTests(ThreeReplicas servers)
{
    private const string Deactivate = """{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","value":{"active":"False"}}]}""";

    [Theory]
    [InlineData("GET", "/Users", null, 501)]
    [InlineData("GET", "/Users/ada", null, 501)]
    [InlineData("POST", "/Users", "{}", 501)]
    [InlineData("PUT", "/Users/ada", "{}", 501)]
    [InlineData("DELETE", "/Users", null, 501)]
    [InlineData("DELETE", "/Groups/ada", null, 501)]
    [InlineData("DELETE", "/Users/ada/x", null, 501)]
    [InlineData("GET", "/ServiceProviderConfig", null, 501)]
    [InlineData("PATCH", "/Users/ada", """{"Operations":[{"op":"replace","path":"displayName","value":"x"}]}""", 501)]
    [InlineData("PATCH", "/Users/ada", """{"Operations":[{"op":"replace","path":"active","value":true}]}""", 204)]
    [InlineData("PATCH", "/Users/ada", """{"Operations":7}""", 400)]
    [InlineData("PATCH", "/Users/ada", "not json", 400)]
    [InlineData("PATCH", "/Users/ada", "", 400)]
    [Trait("Row", "P6")]
    [Trait("Row", "T96")]
    public async Task Nothing_but_deactivation_and_deletion_is_served(string method, string path, string? body, int status)
    {
        using var answer = await SendAsync(servers.Urls[0], method, path, body, "Bearer " + ThreeReplicas.ScimToken);
        Assert.Equal(status, (int)answer.StatusCode);
        if (status >= 400)
            Assert.Equal("application/scim+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer wrong")]
    [InlineData("Basic " + ThreeReplicas.ScimToken)]
    [InlineData(ThreeReplicas.ScimToken)]
    [Trait("Row", "P6")]
    public async Task Without_the_token_nothing_happens(string? authorization)
    {
        using var answer = await SendAsync(servers.Urls[0], "DELETE", "/Users/ada", null, authorization);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Fact]
    [Trait("Row", "P6")]
    public async Task Directories_that_send_active_as_text_within_the_value_deactivate_too()
    {
        using var dave = await servers.Stack.SignedInAsync("carol@initech.test");
        var cookie = servers.Stack.SessionOf(dave)!;
        var record = await SignIn.StoredSession.ReadAsync(servers.Redis, cookie);
        using (var answer = await SendAsync(servers.Urls[2], "PATCH", "/Users/" + record.Subject, Deactivate, "Bearer " + ThreeReplicas.ScimToken))
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await servers.OutAsync(cookie, "SCIM");
    }

    [Fact]
    [Trait("Row", "P6")]
    public async Task An_address_names_the_user_where_configuration_says_so()
    {
        var configuration = DemoConfiguration.Elsewhere(servers.Stack.Configuration);
        configuration["Gateway"]!["Scim"]!["UserId"] = "Email";
        var gateway = await servers.Stack.StartGatewayAsync(configuration);
        using var bob = await servers.Stack.SignedInAsync("bob@globex.test");
        using (var answer = await SendAsync(gateway.Url, "DELETE", "/Users/Bob%40globex.test", null, "Bearer " + ThreeReplicas.ScimToken))
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await servers.OutAsync(servers.Stack.SessionOf(bob)!, "SCIM by address");
    }

    [Fact]
    [Trait("Row", "T32")]
    public async Task Bad_settings_of_the_inlets_stop_the_start_and_say_what_is_wrong()
    {
        var run = await GatewayProcess.RunToExitAsync(["check"], """
            { "Gateway": { "PublicOrigin": "http://localhost:8080", "IdentityProviders": { "main": { "Issuer": "https://id.example.com", "ClientId": "g", "ClientSecret": "s" } },
              "Scim": { "Token": "short", "IdentityProvider": "other" },
              "SharedSignals": { "Transmitters": { "t": { "Issuer": "https://t.example.com" }, "u": { "Issuer": "http://u.example.com", "Audience": "a", "IdentityProvider": "none", "Algorithms": ["HS256"] } } } } }
            """);
        Assert.Equal(1, run.ExitCode);
        foreach (var setting in new[] { "Gateway:Scim:Token", "Gateway:Scim:IdentityProvider", "Transmitters:t:Audience", "Transmitters:t:IdentityProvider", "Transmitters:u:Issuer", "Transmitters:u:IdentityProvider", "Transmitters:u:Algorithms" })
            Assert.Contains(setting, run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("short", run.Output, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> SendAsync(Uri gateway, string method, string path, string? body, string? authorization)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(gateway, "/auth/scim/v2" + path));
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/scim+json");
        return await http.SendAsync(request);
    }
}
