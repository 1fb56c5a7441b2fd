using System.Text.Json.Nodes;
using OrgGateway.Tests.Bearer;

namespace OrgGateway.Tests.Fuzz;

/// <summary>The demo with everything in it that takes words of strangers.</summary>
internal static class FuzzConfiguration
{
    /// <param name="transmitter">Of security events.</param>
    public static void AddInlets(JsonObject configuration, string transmitter)
    {
        var gateway = configuration["Gateway"]!.AsObject();
        gateway["Scim"] = new JsonObject { ["Token"] = InProcessGateway.ScimToken };
        gateway["SharedSignals"] = new JsonObject
        {
            ["Transmitters"] = new JsonObject { ["t"] = new JsonObject { ["Issuer"] = transmitter, ["Audience"] = InProcessGateway.Audience, ["JwksUrl"] = transmitter + "/jwks", ["IdentityProvider"] = "main" } },
        };
        gateway["BearerIssuers"] = new JsonObject { ["secret"] = new JsonObject { ["Issuer"] = InProcessGateway.BearerIssuer, ["Audience"] = "api", ["Secret"] = FuzzKeys.ClientSecret } };
        gateway["Logging"] = new JsonObject { ["Level"] = "Error" };
        // What an address may do is not what is tried here.
        gateway["RateLimits"] = new JsonObject { ["failures"] = new JsonObject { ["Limit"] = 1_000_000_000, ["Window"] = "00:00:10", ["By"] = "ip" } };
        BearerServers.AddRoute(configuration, "machine", "/machine/{org}/{**rest}", ("Credentials", "session, bearer, apikey"));
        BearerServers.AddRoute(configuration, "keyed", "/keyed/{org}/{**rest}", ("Credentials", "apikey"));
        BearerServers.AddRoute(configuration, "post", "/post", ("Org", "none"), ("WebSocket", "deny"));
        BearerServers.AddRoute(configuration, "socket", "/socket/{org}", ("WebSocket", "require"));
        BearerServers.AddRoute(configuration, "hidden", "/orgs/{org}/hidden/{**rest}", ("Roles", "admin"), ("HideExistence", "true"));
        BearerServers.AddRoute(configuration, "cors", "/cors/{**rest}", ("Origins", "https://other.example"), ("Credentials", "session"));
    }
}
