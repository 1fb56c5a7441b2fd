using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Chaos;

/// <summary>The demo's configuration as several replicas behind a load balancer have it, with routes for machines.</summary>
internal static class FleetConfiguration
{
    private const string MachineIssuer = "https://issuer.chaos.test";
    private const string Audience = "chaos";
    private const string MachineSecret = "a secret of the issuer, of more than 32 bytes";

    /// <summary>The subject of <see cref="MachineToken"/>.</summary>
    public const string Machine = "machine-1";

    public static JsonObject Of(string origin, string issuer, int upstream, string redis, int gatewayPort, int managementPort)
    {
        var configuration = DemoConfiguration.Of(origin, issuer, $"http://127.0.0.1:{upstream}");
        var gateway = configuration["Gateway"]!;
        configuration["Urls"] = $"http://127.0.0.1:{gatewayPort}";
        gateway["Management"] = new JsonObject { ["Url"] = $"http://127.0.0.1:{managementPort}", ["DrainDelay"] = "00:00:05" };
        gateway["TrustedProxies"] = new JsonArray("127.0.0.1");
        gateway["Store"] = new JsonObject { ["Kind"] = "Redis", ["Redis"] = redis };
        gateway["Encryption"] = new JsonObject { ["Keys"] = new JsonArray(new JsonObject { ["Id"] = "k1", ["Secret"] = DemoConfiguration.Secret }) };
        gateway["Sessions"] = new JsonObject { ["CopyFor"] = "00:00:05" };
        gateway["ApiKeys"] = new JsonObject { ["CopyFor"] = "00:00:05" };
        gateway["Logging"] = new JsonObject { ["Levels"] = new JsonObject { ["OrgGateway"] = "Warning" } };
        gateway["IdentityProviders"]!["main"]!["BackchannelTimeout"] = "00:00:02";
        gateway["BearerIssuers"] = new JsonObject { ["chaos"] = new JsonObject { ["Issuer"] = MachineIssuer, ["Audience"] = Audience, ["Secret"] = MachineSecret, ["MaxTokenAge"] = "05:00:00", ["Kind"] = "User" } };
        AddRoute(configuration, "keys", "/keys/{org}/{**rest}", "apikey");
        AddRoute(configuration, "machines", "/machines/{org}/{**rest}", "bearer");
        return configuration;
    }

    public static string MachineToken(DateTimeOffset now)
    {
        var payload = $$"""{"iss":"{{MachineIssuer}}","aud":"{{Audience}}","sub":"{{Machine}}","iat":{{now.ToUnixTimeSeconds()}},"exp":{{now.AddHours(4).ToUnixTimeSeconds()}},"organizations":{"org_acme":{"slug":"acme","roles":["member"] } } }""";
        var input = Base64Url.EncodeToString("""{"alg":"HS256","typ":"at+jwt"}"""u8) + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload));
        return input + "." + Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(MachineSecret), Encoding.ASCII.GetBytes(input)));
    }

    private static void AddRoute(JsonObject configuration, string name, string path, string credentials) =>
        configuration["ReverseProxy"]!["Routes"]![name] = new JsonObject
        {
            ["ClusterId"] = "app",
            ["Match"] = new JsonObject { ["Path"] = path },
            ["Metadata"] = new JsonObject { ["Credentials"] = credentials },
        };
}
