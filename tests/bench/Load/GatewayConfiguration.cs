using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrgGateway.Bench.Load;

/// <summary>The gateway as it runs in production: sessions in Redis, and a route that asks for all that a route can ask for at every request.</summary>
public static class GatewayConfiguration
{
    public const string Path = "/orgs/acme/documents";
    public const string PathWithoutAssertion = "/plain/acme/documents";
    public const string ClientId = "gateway";
    public const string ClientSecret = "gateway-secret-of-the-tests";
    public const string Secret = "secret-of-the-benchmark-0123456789";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Of(Uri url, string issuer, int upstreamPort, int redisPort, Uri management, string? freshKeys = null)
    {
        var origin = url.GetLeftPart(UriPartial.Authority);
        return JsonSerializer.Serialize(
            new
            {
                Urls = origin,
                Gateway = new
                {
                    PublicOrigin = origin,
                    Management = new { Url = management.GetLeftPart(UriPartial.Authority), Token = "token-of-the-benchmark" },
                    Store = new { Kind = "Redis", Redis = $"127.0.0.1:{redisPort}" },
                    Encryption = new { Keys = new[] { new { Id = "k1", Secret } } },
                    IdentityProviders = new
                    {
                        main = new
                        {
                            Issuer = issuer,
                            ClientId,
                            ClientSecret,
                            Scopes = new[] { "openid", "profile", "email", "offline_access" },
                            // Access tokens of the provider are JWTs for the upstream here, which are not good for userinfo.
                            UserInfo = "Off",
                            Claims = new
                            {
                                Email = "/email",
                                Name = "/name",
                                Organizations = new { Shape = "mapById", Path = "/organizations", Id = "@key", Slug = "slug", Roles = "roles", Permissions = "permissions" },
                            },
                        },
                    },
                    DefaultIdentityProvider = "main",
                    Organizations = new { acme = new { Id = "org_acme" } },
                    BearerIssuers = Issuers(freshKeys),
                    RateLimits = new { bench = new { Limit = 1_000_000, Window = "00:00:10", By = "user" } },
                    Roles = new { admin = new[] { "document:write" }, member = Array.Empty<string>(), viewer = Array.Empty<string>() },
                },
                ReverseProxy = new
                {
                    Routes = new
                    {
                        documents = new
                        {
                            ClusterId = "app",
                            Match = new { Path = "/orgs/{org}/{**rest}" },
                            Metadata = new { Access = "member", Credentials = "session", Token = "user", Roles = "admin", Permissions = "document:write" },
                        },
                        keys = new { ClusterId = "app", Match = new { Path = "/keys/{org}/{**rest}" }, Metadata = new { Credentials = "apikey", Roles = "admin", Permissions = "document:write" } },
                        bearer = new { ClusterId = "app", Match = new { Path = "/bearer/{org}/{**rest}" }, Metadata = new { Credentials = "bearer", Token = "user", Roles = "admin", Permissions = "document:write" } },
                        limited = new { ClusterId = "app", Match = new { Path = "/limited/{org}/{**rest}" }, Metadata = new { Token = "user", Roles = "admin", Permissions = "document:write", RateLimit = "bench" } },
                    },
                    Clusters = new { app = new { Destinations = new { a = new { Address = $"http://127.0.0.1:{upstreamPort}" } } } },
                },
            },
            Indented);
    }

    /// <summary>For sessions that are put into the store: nobody signs in, and no token ends.</summary>
    public static JsonObject WithoutProvider(int upstreamPort, int redisPort)
    {
        var configuration = JsonNode.Parse(Of(new Uri($"http://127.0.0.1:{OrgGateway.Tests.Servers.FreePort.Next()}"), SessionFarm.Issuer, upstreamPort, redisPort, new Uri($"http://127.0.0.1:{OrgGateway.Tests.Servers.FreePort.Next()}")))!.AsObject();
        MoreRoutes.AddTo(configuration, upstreamPort);
        return configuration;
    }

    private static Dictionary<string, object> Issuers(string? freshKeys)
    {
        var organizations = new[] { "acme" };
        var issuers = new Dictionary<string, object> { ["bench"] = new { MachineToken.Issuer, MachineToken.Audience, MachineToken.Secret, Organizations = organizations } };
        if (freshKeys is not null)
            issuers["fresh"] = new { FreshTokens.Issuer, MachineToken.Audience, KeySetFile = freshKeys, Organizations = organizations };
        return issuers;
    }
}
