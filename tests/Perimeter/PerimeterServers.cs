using System.Text.Json.Nodes;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Perimeter;

/// <summary>The demo with a route of every kind, one upstream that shows raw what it got, and nginx as another that reads paths its own way.</summary>
public sealed class PerimeterServers : IAsyncLifetime
{
    public const string Collection = "Perimeter";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly string _folder = Directory.CreateTempSubdirectory("orggateway-nginx-").FullName;
    private GatewayStack? _stack;
    private ChildProcess? _nginx;

    public GatewayStack Stack => _stack!;

    /// <summary>The same gateway where it speaks HTTP/2 alone.</summary>
    public Uri Http2 { get; } = FreePort.NextOrigin();

    /// <summary>Where a test may put an app of its own, for what no server library would answer; its paths begin with <c>/own/</c>.</summary>
    public int OwnApp { get; } = FreePort.Next();

    public async Task InitializeAsync()
    {
        var nginx = FreePort.Next();
        var temporary = string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(kind => $"{kind}_temp_path {_folder}/{kind}; "));
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "nginx.conf"),
            $"daemon off; master_process off; pid {_folder}/nginx.pid; error_log stderr; events {{ }} http {{ access_log off; {temporary} server {{ listen 127.0.0.1:{nginx}; location / {{ return 200 'seen:$uri'; }} }} }}");
        _nginx = ChildProcess.Start("/usr/sbin/nginx", ["-p", _folder, "-c", Path.Combine(_folder, "nginx.conf")], _folder);
        _stack = await GatewayStack.StartAsync(new()
        {
            Configure = (_, configuration) =>
            {
                configuration["Kestrel"] = new JsonObject
                {
                    ["Endpoints"] = new JsonObject
                    {
                        ["first"] = new JsonObject { ["Url"] = (string?)configuration["Urls"], ["Protocols"] = "Http1" },
                        ["second"] = new JsonObject { ["Url"] = Http2.GetLeftPart(UriPartial.Authority), ["Protocols"] = "Http2" },
                    },
                };
                var routes = configuration["ReverseProxy"]!["Routes"]!;
                routes["public"] = Route("app", "/public/{**rest}", new() { ["Access"] = "public" });
                routes["private"] = Route("app", "/private/{**rest}", []);
                routes["maybe"] = Route("app", "/maybe/{**rest}", new() { ["Access"] = "public", ["Token"] = "user" });
                routes["hook"] = Route("app", "/hook/{**rest}", new() { ["Access"] = "public" });
                routes["custom"] = Route("app", "/custom/{**rest}", new() { ["Token"] = "user", ["TokenHeader"] = "x-AUTH-token-Of" });
                routes["both-public"] = Route("nginx", "/n/public/{**rest}", new() { ["Access"] = "public" });
                routes["both-private"] = Route("nginx", "/n/private/{**rest}", []);
                routes["of-a-host"] = Route("app", "/public/{**rest}", []);
                routes["of-a-host"]!["Match"]!["Hosts"] = new JsonArray("admin.test", "b\u00fccher.test");
                routes["around"] = Route("nginx", "/n/all/{**rest}", new() { ["Access"] = "public" });
                routes["within"] = Route("nginx", "/n/all/secret/{**rest}", []);
                routes["write"] = Route("app", "/orgs/{org}/documents/{**rest}", new() { ["Permissions"] = "document:write" });
                routes["verified"] = Route("app", "/verified", new() { ["EmailVerified"] = "true" });
                routes["hidden"] = Route("app", "/orgs/{org}/hidden/{**rest}", new() { ["Roles"] = "admin", ["HideExistence"] = "true" });
                routes["report"] = Route("app", "/orgs/{org}/report/{**rest}", new() { ["Roles"] = "admin", ["ReportOnly"] = "true" });
                routes["own"] = Route("own", "/own/{**rest}", new() { ["Access"] = "authenticated", ["Token"] = "user" });
                configuration["ReverseProxy"]!["Clusters"]!["own"] = JsonNode.Parse($$"""{ "Destinations": { "a": { "Address": "http://127.0.0.1:{{OwnApp}}" } } }""");
                routes["costly"] = Route("app", "/costly", new() { ["Access"] = "authenticated" });
                configuration["ReverseProxy"]!["Clusters"]!["nginx"] = JsonNode.Parse($$"""{ "Destinations": { "a": { "Address": "http://127.0.0.1:{{nginx}}" } } }""");
            },
            Prepare = provider =>
            {
                provider.Put(new DemoUser("u-odd", "odd@odd.test", "Zo\u00eb \u6771\u4eac \u0007\t\r\nX-Evil: 1 100%", "demo", [new("org_acme", "acme", "Acme", ["viewer", "a,b", "caf\u00e9"])]));
                provider.Put(new DemoUser("u-roles", "roles@many.test", "Roles", "demo",
                    [new("org_roles", "roles", "Roles", [.. Enumerable.Range(0, 100).Select(i => $"a-rather-long-role-name-{i:000}-of-a-hundred")])]));
                provider.Put(new DemoUser("u-unverified", "unverified@acme.test", "U", "demo", [new("org_acme", "acme", "Acme", ["member", "superduper"])]) { EmailVerified = false });
            },
        });
        await Wait.UntilAsync(async () => (await RawHttp.GetAsync(Stack.Url, "/n/public/up")).Status == 200, Bound, "nginx answers through the gateway");
    }

    public async Task DisposeAsync()
    {
        await Stack.DisposeAsync();
        await _nginx!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public async Task<string> CookieAsync(string email)
    {
        using var browser = await Stack.SignedInAsync(email);
        return "Cookie: orggw=" + Stack.SessionOf(browser);
    }

    private static JsonObject Route(string cluster, string path, JsonObject metadata) =>
        new() { ["ClusterId"] = cluster, ["Match"] = new JsonObject { ["Path"] = path }, ["Metadata"] = metadata };
}

/// <summary>One set of servers for all classes of the suite, one test at a time: they look at what arrived last.</summary>
[CollectionDefinition(PerimeterServers.Collection)]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1711", Justification = "xunit's own word.")]
public sealed class PerimeterCollection : ICollectionFixture<PerimeterServers>;
