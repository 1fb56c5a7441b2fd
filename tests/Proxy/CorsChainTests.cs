using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using OrgGateway.Tests.Bearer;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Proxy;

/// <summary>Cross-origin requests, and what answers tell browsers, at a running gateway.</summary>
public sealed class CorsChainTests(CorsServers servers) : IClassFixture<CorsServers>, IDisposable
{
    private const string Partner = "https://partner.example";
    private const string Stranger = "https://evil.example";
    private readonly BearerClient _client = new(servers.Stack.Url);

    [Fact, Trait("Row", "A19"), Trait("Row", "T37")]
    public async Task A_preflight_is_answered_without_credentials_and_an_unlisted_origin_gets_nothing()
    {
        var hits = servers.Stack.Upstream.Hits;
        var listed = await PreflightAsync("/listed/acme/x", Partner);
        Assert.Equal((HttpStatusCode.NoContent, Partner, "true", "PUT", "X-One, Content-Type"), (listed.Status, listed.Header("Access-Control-Allow-Origin"), listed.Header("Access-Control-Allow-Credentials"), listed.Header("Access-Control-Allow-Methods"), listed.Header("Access-Control-Allow-Headers")));
        Assert.Contains("Origin", listed.Header("Vary"), StringComparison.Ordinal);
        var any = await PreflightAsync("/any/x", Stranger);
        Assert.Equal((HttpStatusCode.NoContent, "*", null), (any.Status, any.Header("Access-Control-Allow-Origin"), any.Header("Access-Control-Allow-Credentials")));
        foreach (var (path, origin) in new[] { ("/listed/acme/x", Stranger), ("/listed/acme/x", "null"), ("/listed/acme/x", Partner + ".evil.example"), ("/listed/acme/x", "http://partner.example"), ("/orgs/acme/x", Partner), ("/posts/acme/x", Stranger) })
        {
            var refused = await PreflightAsync(path, origin, path.StartsWith("/posts", StringComparison.Ordinal) ? "POST" : "PUT");
            Assert.Equal((HttpStatusCode.NoContent, null), (refused.Status, refused.Header("Access-Control-Allow-Origin")));
        }
        // A route for POST alone is asked by OPTIONS first.
        Assert.Equal(Partner, (await PreflightAsync("/posts/acme/x", Partner, "POST")).Header("Access-Control-Allow-Origin"));
        Assert.Equal(hits, servers.Stack.Upstream.Hits);

        // Only a preflight: every other method, OPTIONS included, is judged like GET.
        foreach (var method in new[] { "OPTIONS", "HEAD", "FOO", "get" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync("/listed/acme/x", null, r => { r.Method = new(method); r.Headers.Add("Origin", Partner); })).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _client.GetAsync("/listed/acme/x", null, r => r.Method = HttpMethod.Trace)).Status);
        Assert.Equal(hits, servers.Stack.Upstream.Hits);
    }

    [Fact, Trait("Row", "A19")]
    public async Task Answers_say_for_whom_they_are_whatever_the_application_says()
    {
        servers.Stack.Upstream.Answer = context =>
        {
            context.Response.Headers.AccessControlAllowOrigin = "*";
            context.Response.Headers.AccessControlAllowCredentials = "true";
            return context.Response.WriteAsync("x");
        };
        try
        {
            var any = await FromAsync("/any/x", Stranger);
            Assert.Equal(("*", null), (any.Header("Access-Control-Allow-Origin"), any.Header("Access-Control-Allow-Credentials")));
            // A refusal of the gateway can be read by the page that caused it.
            var refused = await FromAsync("/listed/acme/x", Partner);
            Assert.Equal((HttpStatusCode.Unauthorized, Partner), (refused.Status, refused.Header("Access-Control-Allow-Origin")));
            var more = await FromAsync("/public-listed/x", Stranger);
            Assert.Equal((HttpStatusCode.OK, null, null), (more.Status, more.Header("Access-Control-Allow-Origin"), more.Header("Access-Control-Allow-Credentials")));
            Assert.Equal("*", (await FromAsync("/", Stranger)).Header("Access-Control-Allow-Origin")); // a route without Origins: the application's own word
        }
        finally
        {
            servers.Stack.Upstream.Answer = null;
        }
    }

    [Fact, Trait("Row", "S32"), Trait("Row", "S33")]
    public async Task Pages_carry_security_headers_and_the_applications_own_are_kept()
    {
        var page = await _client.GetAsync("/", null);
        var issuer = new Uri(servers.Stack.Provider.Issuer).GetLeftPart(UriPartial.Authority);
        Assert.Equal(("DENY", "nosniff", "strict-origin-when-cross-origin"), (page.Header("X-Frame-Options"), page.Header("X-Content-Type-Options"), page.Header("Referrer-Policy")));
        Assert.Equal($"default-src 'self'; connect-src 'self' {issuer}", page.Header("Content-Security-Policy"));
        var own = await _client.GetAsync("/auth/error?error=x", null);
        Assert.Equal(("DENY", "nosniff"), (own.Header("X-Frame-Options"), own.Header("X-Content-Type-Options")));
        Assert.Contains("default-src 'none'", own.Header("Content-Security-Policy"), StringComparison.Ordinal);

        foreach (var (client, policy) in new[] { (_client, "strict-origin-when-cross-origin"), (servers.Setting, "same-origin") })
        {
            var plain = await client.GetAsync("/", null);
            Assert.Equal((HttpStatusCode.OK, policy), (plain.Status, plain.Header("Referrer-Policy")));
            var redirected = await client.GetAsync("/me", null, request => request.Headers.Add("Accept", "text/html"));
            Assert.Equal((HttpStatusCode.Found, policy), (redirected.Status, redirected.Header("Referrer-Policy")));
        }

        servers.Stack.Upstream.Answer = context =>
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src 'unsafe-inline'";
            context.Response.Headers.XFrameOptions = "SAMEORIGIN";
            return context.Response.WriteAsync("x");
        };
        try
        {
            var kept = await _client.GetAsync("/", null);
            Assert.Equal(("default-src 'unsafe-inline'", "SAMEORIGIN", "nosniff"), (kept.Header("Content-Security-Policy"), kept.Header("X-Frame-Options"), kept.Header("X-Content-Type-Options")));
            var set = await servers.Setting.GetAsync("/", null);
            Assert.Equal(("DENY", "frame-ancestors 'none'; base-uri 'self'; object-src 'none'"), (set.Header("X-Frame-Options"), set.Header("Content-Security-Policy")));
        }
        finally
        {
            servers.Stack.Upstream.Answer = null;
        }
    }

    [Fact, Trait("Row", "G31")]
    public async Task A_webhooks_body_and_signature_arrive_byte_for_byte()
    {
        byte[] body = [.. "{ \"a\":1,\r\n\t\"b\" : \"\\u00e9\u00fc\" }  "u8, 0, 255, 254];
        var signature = Convert.ToHexString(System.Security.Cryptography.HMACSHA256.HashData("webhook secret"u8, body));
        await _client.GetAsync("/hooks/stripe", null, request =>
        {
            request.Method = HttpMethod.Post;
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=utf-8");
            request.Headers.TryAddWithoutValidation("X-Signature", signature);
            request.Headers.TryAddWithoutValidation("X-Api-Key", "the sender's own");
        });
        var arrived = servers.Stack.Upstream.LastRequest;
        Assert.Equal((signature, "application/json; charset=utf-8", "the sender's own"), (arrived.Header("X-Signature"), arrived.Header("Content-Type"), arrived.Header("X-Api-Key")));
        Assert.Equal(signature, Convert.ToHexString(System.Security.Cryptography.HMACSHA256.HashData("webhook secret"u8, arrived.Body)));
    }

    public void Dispose() => _client.Dispose();

    private Task<MachineAnswer> FromAsync(string path, string origin) => _client.GetAsync(path, null, r => r.Headers.TryAddWithoutValidation("Origin", origin));

    private Task<MachineAnswer> PreflightAsync(string path, string origin, string method = "PUT") => _client.GetAsync(path, null, request =>
    {
        request.Method = HttpMethod.Options;
        request.Headers.TryAddWithoutValidation("Origin", origin);
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Method", method);
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Headers", "X-One, Content-Type");
    });
}

/// <summary>A gateway with routes for other origins, and one that sets security headers.</summary>
public sealed class CorsServers : IAsyncLifetime, IAsyncDisposable
{
    private GatewayStack? _stack;
    private BearerClient? _setting;

    public GatewayStack Stack => _stack!;

    /// <summary>To a gateway that sets security headers whatever the application says.</summary>
    public BearerClient Setting => _setting!;

    public async Task InitializeAsync()
    {
        _stack = await GatewayStack.StartAsync(new()
        {
            Configure = (_, configuration) =>
            {
                configuration["Gateway"]!["SecurityHeaders"] = new JsonObject { ["ContentSecurityPolicy"] = "default-src 'self'; connect-src 'self' {issuer}" };
                BearerServers.AddRoute(configuration, "listed", "/listed/{org}/{**rest}", ("Origins", "https://partner.example"));
                BearerServers.AddRoute(configuration, "posts", "/posts/{org}/{**rest}", ("Origins", "https://partner.example"));
                configuration["ReverseProxy"]!["Routes"]!["posts"]!["Match"]!["Methods"] = new JsonArray("POST");
                BearerServers.AddRoute(configuration, "any", "/any/{**rest}", ("Origins", "*"), ("Access", "public"));
                BearerServers.AddRoute(configuration, "public-listed", "/public-listed/{**rest}", ("Origins", "https://partner.example"), ("Access", "public"));
                BearerServers.AddRoute(configuration, "hooks", "/hooks/{**rest}", ("Access", "public"));
            },
        });
        var setting = DemoConfiguration.Elsewhere(Stack.Configuration);
        setting["Gateway"]!["SecurityHeaders"] = new JsonObject { ["Mode"] = "Set", ["ReferrerPolicy"] = "same-origin" };
        _setting = new((await Stack.StartGatewayAsync(setting)).Url);
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        _setting?.Dispose();
        await Stack.DisposeAsync();
    }
}
