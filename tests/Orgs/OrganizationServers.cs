using Microsoft.AspNetCore.Http;
using System.Text.Json.Nodes;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Orgs;

/// <summary>The demo with organizations by host, former slugs, a look-up service, and routes that may or must name an organization.</summary>
public sealed class OrganizationServers : IAsyncLifetime
{
    private GatewayStack? _stack;

    public GatewayStack Stack => _stack!;

    /// <summary>Knows <c>umbrella</c> as the slug of <c>org_umbrella</c>, which claims name by id only.</summary>
    public EchoUpstream Directory { get; } = new();

    public async Task InitializeAsync()
    {
        Directory.Answer = context =>
        {
            if (context.Request.Path.Value is "/orgs/umbrella" or "/orgs/org_umbrella")
                return context.Response.WriteAsync("""{ "id": "org_umbrella", "slug": "umbrella", "name": "Umbrella" }""");
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        };
        await Directory.StartAsync();
        _stack = await GatewayStack.StartAsync(new()
        {
            Configure = (_, configuration) =>
            {
                var gateway = configuration["Gateway"]!;
                gateway["Organizations"]!["acme"]!["FormerSlugs"] = new JsonArray("acme-old");
                gateway["Organizations"]!["acme"]!["Hosts"] = new JsonArray("acme.example.test");
                gateway["OrganizationDirectory"] = new JsonObject { ["Sources"] = new JsonArray("config", "claims", "store", "http"), ["Url"] = Directory.Url + "/orgs/{org}" };
                var routes = configuration["ReverseProxy"]!["Routes"]!;
                routes["hosted"] = Route("/hosted/{**rest}", new() { ["Org"] = "host" });
                routes["wild"] = Route("/wild/{**rest}", new() { ["Org"] = "host" }, "*.tenants.test");
                routes["team"] = Route("/team/{org?}", []);
                routes["dashboard"] = Route("/dashboard", new() { ["Access"] = "member" });
                routes["personal"] = Route("/personal/{**rest}", new() { ["Org"] = "none", ["Token"] = "user" });
                routes["readonly"] = Route("/orgs/{org}/readonly/{**rest}", new() { ["Token"] = "organization" });
                routes["readonly"]!["Match"]!["Methods"] = new JsonArray("GET");
            },
            Prepare = provider => provider.Put(new DemoUser("u-una", "una@umbrella.test", "Una", "demo",
                [new("org_umbrella", "", "", ["member"]), new("org_acme", "acme", "Acme", ["viewer"]), new("org_claimed", "claimed", "Claimed", ["viewer"])])),
        });
    }

    public async Task DisposeAsync()
    {
        await Stack.DisposeAsync();
        await Directory.DisposeAsync();
    }

    private static JsonObject Route(string path, JsonObject metadata, params string[] hosts)
    {
        var match = new JsonObject { ["Path"] = path };
        if (hosts.Length > 0)
            match["Hosts"] = new JsonArray([.. hosts.Select(h => (JsonNode)h)]);
        return new JsonObject { ["ClusterId"] = "app", ["Match"] = match, ["Metadata"] = metadata };
    }
}
