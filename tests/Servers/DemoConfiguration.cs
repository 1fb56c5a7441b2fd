using System.Text.Json.Nodes;

namespace OrgGateway.Tests.Servers;

/// <summary>Configurations made from the demo's own file.</summary>
public static class DemoConfiguration
{
    /// <summary>The sealing key of gateways with Redis, for tests that open what stands there.</summary>
    public const string Secret = "a sealing secret of the tests, long enough";

    /// <summary>The demo's own configuration file with other addresses.</summary>
    public static JsonObject Of(string origin, string issuer, string upstream)
    {
        var configuration = JsonNode.Parse(File.ReadAllText(Repository.PathOf("deploy/demo/appsettings.json")))!.AsObject();
        configuration["Urls"] = origin;
        configuration["Gateway"]!["PublicOrigin"] = origin;
        configuration["Gateway"]!["Management"]!["Url"] = $"http://127.0.0.1:{FreePort.Next()}";
        configuration["Gateway"]!["IdentityProviders"]!["main"]!["Issuer"] = issuer;
        configuration["ReverseProxy"]!["Clusters"]!["app"]!["Destinations"]!["a"]!["Address"] = upstream;
        return configuration;
    }

    public static void UseRedis(JsonObject configuration, RedisServer redis)
    {
        configuration["Gateway"]!["Store"] = new JsonObject { ["Kind"] = "Redis", ["Redis"] = redis.Configuration };
        configuration["Gateway"]!["Encryption"] = new JsonObject { ["Keys"] = new JsonArray(new JsonObject { ["Id"] = "k1", ["Secret"] = Secret }) };
    }

    /// <summary>The same gateway at other addresses: a replica.</summary>
    public static JsonObject Elsewhere(JsonObject original)
    {
        var configuration = original.DeepClone().AsObject();
        configuration["Urls"] = $"http://127.0.0.1:{FreePort.Next()}";
        configuration["Gateway"]!["Management"]!["Url"] = $"http://127.0.0.1:{FreePort.Next()}";
        return configuration;
    }
}
