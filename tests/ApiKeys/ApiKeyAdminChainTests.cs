using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Bearer;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.ApiKeys;

/// <summary>Keys by the admin API of a gateway whose store is its own memory.</summary>
public sealed class ApiKeyAdminChainTests
{
    [Fact]
    public async Task Keys_are_made_listed_disabled_and_revoked_behind_the_management_token()
    {
        await using var stack = await GatewayStack.StartAsync(new() { Configure = (_, configuration) => BearerServers.AddRoute(configuration, "keyed", "/keyed/{org}/{**rest}", ("Credentials", "apikey")) });
        using var client = new BearerClient(stack.Url);
        using var admin = new HttpClient { BaseAddress = stack.Gateway.ManagementUrl };
        Assert.Equal(HttpStatusCode.Unauthorized, (await admin.GetAsync("/admin/v1/api-keys")).StatusCode);
        admin.DefaultRequestHeaders.Authorization = new("Bearer", "demo-management-token");

        using var made = await admin.PostAsJsonAsync("/admin/v1/api-keys", new { org = "acme", name = "import", roles = new[] { "member" }, rateLimit = new { limit = 100, window = "00:01:00" } });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var body = JsonNode.Parse(await made.Content.ReadAsStringAsync())!;
        var (id, key) = ((string)body["id"]!, (string)body["key"]!);
        Assert.Equal(id, (await client.GetAsync("/keyed/acme/x", key)).Arrived("X-Auth-Key-Id"));

        var listed = await admin.GetStringAsync("/admin/v1/api-keys?org=acme");
        Assert.Contains(id, listed, StringComparison.Ordinal);
        Assert.DoesNotContain(key, listed, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.PatchAsJsonAsync("/admin/v1/api-keys/" + id, new { disabled = true })).StatusCode);
        Assert.Equal("DISABLED", (await client.GetAsync("/keyed/acme/x", key)).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync("/admin/v1/api-keys/" + id)).StatusCode);
        Assert.Equal("NOT_FOUND", (await client.GetAsync("/keyed/acme/x", key)).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync("/admin/v1/api-keys/" + id)).StatusCode);
        foreach (var wrong in new object[] { new { }, new { org = "acme/../x" }, new { org = "acme", unknown = 1 }, new { org = "acme", expiresIn = "-1.00:00:00" } })
            Assert.Equal(HttpStatusCode.BadRequest, (await admin.PostAsJsonAsync("/admin/v1/api-keys", wrong)).StatusCode);
    }
}
