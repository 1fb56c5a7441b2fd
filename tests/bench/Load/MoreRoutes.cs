using System.Text.Json.Nodes;

namespace OrgGateway.Bench.Load;

/// <summary>Routes that ask for less than that of <see cref="GatewayConfiguration"/>, or for something else, and what they need.</summary>
public static class MoreRoutes
{
    /// <summary>A credential for who brings none.</summary>
    private const string Nothing = "Accept: */*";

    public static void AddTo(JsonObject configuration, int upstreamPort)
    {
        var routes = configuration["ReverseProxy"]!["Routes"]!.AsObject();
        var documents = routes["documents"]!;
        Add("plain", "/plain/{org}/{**rest}", metadata => metadata["Assertion"] = "off");
        Add("organization", "/organization/{org}/{**rest}", metadata => metadata["Token"] = "organization");
        routes["public"] = new JsonObject { ["ClusterId"] = "app", ["Match"] = new JsonObject { ["Path"] = "/public/{**rest}" }, ["Metadata"] = new JsonObject { ["Access"] = "public" } };
        configuration["Gateway"]!["Organizations"]!["acme"]!["Token"] = new JsonObject
        {
            ["Source"] = "Http", ["Method"] = "GET", ["Url"] = $"http://127.0.0.1:{upstreamPort}/?token",
        };

        void Add(string name, string path, Action<JsonNode> change)
        {
            var route = documents.DeepClone();
            route["Match"]!["Path"] = path;
            change(route["Metadata"]!);
            routes[name] = route;
        }
    }

    /// <summary>Another gateway of the same configuration, without metrics and traces.</summary>
    public static JsonObject WithoutTelemetry(JsonObject configuration, Uri url, Uri management)
    {
        var changed = configuration.DeepClone().AsObject();
        changed["Urls"] = url.GetLeftPart(UriPartial.Authority);
        changed["Gateway"]!["PublicOrigin"] = url.GetLeftPart(UriPartial.Authority);
        changed["Gateway"]!["Management"]!["Url"] = management.GetLeftPart(UriPartial.Authority);
        changed["Gateway"]!["Telemetry"] = new JsonObject { ["Metrics"] = false };
        return changed;
    }

    /// <summary>The same gateway asked on each of them, and tried once.</summary>
    public static async Task<IReadOnlyList<Target>> OfAsync(Target gateway, string cookie)
    {
        var (plain, organization) = (gateway with { Name = "gateway, no assertion", Path = GatewayConfiguration.PathWithoutAssertion }, gateway with { Name = "gateway, organization's token", Path = "/organization/acme/documents" });
        var open = gateway with { Name = "gateway, public route, nobody", Path = "/public/documents", Header = Nothing };
        await Proof.OfAsync(plain, cookie, Proof.Identity);
        await Proof.OfAsync(organization, cookie, "X-Auth-User-Id: alice", "Authorization: Bearer token-of-an-organization");
        await Proof.OfAsync(open, cookie);
        return [open, plain, organization];
    }
}
