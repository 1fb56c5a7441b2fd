using System.Net;
using Microsoft.AspNetCore.Http;
using OrgGateway.Answers;
using OrgGateway.Configuration;
using OrgGateway.Proxy;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Proxy;

/// <summary>Behind a proxy that ends TLS.</summary>
public sealed class HttpsChainTests
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    [Fact]
    [Trait("Row", "A17")]
    public async Task Http_behind_a_TLS_proxy_is_redirected_and_https_is_told_to_stay_as_configured()
    {
        await using var upstream = new EchoUpstream();
        await upstream.StartAsync();
        var configuration = DemoConfiguration.Of("http://127.0.0.1:" + FreePort.Next(), "http://127.0.0.1:" + FreePort.Next(), upstream.Url);
        var gateway = configuration["Gateway"]!.AsObject();
        gateway["PublicOrigin"] = "https://app.example.test";
        gateway["TrustedProxies"] = new System.Text.Json.Nodes.JsonArray("127.0.0.1", "::1");
        gateway["Https"] = System.Text.Json.Nodes.JsonNode.Parse("""{ "Redirect": true, "Hsts": "10.00:00:00" }""");
        await using var running = await GatewayProcess.StartAsync(configuration);

        using var http = await AskAsync(running, "/orgs/acme/x?y=%20z", "http", "app.example.test");
        Assert.Equal(HttpStatusCode.PermanentRedirect, http.StatusCode);
        Assert.Equal("https://app.example.test/orgs/acme/x?y=%20z", http.Headers.Location!.OriginalString);
        Assert.False(http.Headers.Contains("Strict-Transport-Security"));
        using var elsewhere = await AskAsync(running, "/", "http", "evil.example");
        Assert.Equal("https://app.example.test/", elsewhere.Headers.Location!.OriginalString);
        Assert.Equal(0, upstream.Hits);

        using var https = await AskAsync(running, "/", "https", "app.example.test");
        Assert.Equal(HttpStatusCode.OK, https.StatusCode);
        Assert.Equal("max-age=864000", Assert.Single(https.Headers.GetValues("Strict-Transport-Security")));
    }

    [Fact]
    [Trait("Row", "A17")]
    [Trait("Row", "S32")]
    public async Task An_answer_that_takes_the_place_of_another_one_says_what_every_answer_says()
    {
        await using var stack = await GatewayStack.StartAsync(new()
        {
            Configure = (_, configuration) =>
            {
                var gateway = configuration["Gateway"]!.AsObject();
                gateway["PublicOrigin"] = "https://app.example.test";
                gateway["TrustedProxies"] = new System.Text.Json.Nodes.JsonArray("127.0.0.1", "::1");
                configuration["ReverseProxy"]!["Routes"]!["open"] = System.Text.Json.Nodes.JsonNode.Parse(
                    """{ "ClusterId": "app", "Match": { "Path": "/open/{org}/{**rest}" }, "Metadata": { "Access": "public", "Token": "organization" } }""");
            },
        });
        foreach (var (answer, status, code) in new (Func<HttpContext, Task>, HttpStatusCode, string)[]
        {
            (context => context.Response.WriteAsync("fine"), HttpStatusCode.OK, "fine"),
            (Leak, HttpStatusCode.BadGateway, "upstream_leaked_token"),
            (Break, HttpStatusCode.BadGateway, "upstream_unavailable"),
            (context => { context.Abort(); return Task.CompletedTask; }, HttpStatusCode.BadGateway, "upstream_unavailable"),
        })
        {
            stack.Upstream.Answer = answer;
            using var given = await AskAsync(stack.Gateway, "/open/acme/x", "https", "app.example.test");
            Assert.Equal(status, given.StatusCode);
            Assert.Contains(code, await given.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal("max-age=2592000", Assert.Single(given.Headers.GetValues("Strict-Transport-Security")));
            Assert.NotEmpty(Assert.Single(given.Headers.GetValues("X-Request-Id")));
            Assert.Equal("nosniff", Assert.Single(given.Headers.GetValues("X-Content-Type-Options")));
            using var plain = await AskAsync(stack.Gateway, "/open/acme/x", "http", "app.example.test");
            Assert.Equal((status, false), (plain.StatusCode, plain.Headers.Contains("Strict-Transport-Security")));
        }

        static Task Leak(HttpContext context)
        {
            (context.Response.Headers["X-Debug"], context.Response.Headers.StrictTransportSecurity) = (context.Request.Headers.Authorization, context.Request.Headers.Authorization);
            return context.Response.WriteAsync("done");
        }

        // Headers that promise a body, and none of it.
        static async Task Break(HttpContext context)
        {
            context.Response.ContentLength = 1000;
            await context.Response.Body.FlushAsync();
            context.Abort();
        }
    }

    [Fact]
    [Trait("Row", "A17")]
    public async Task So_does_the_answer_after_a_bug()
    {
        var (options, site) = (new HttpsOptions(), new Site(new("https://app.example.test"), [], "/auth"));
        var context = new DefaultHttpContext { Request = { Scheme = "https" }, TraceIdentifier = "the id" };
        context.Response.Body = new MemoryStream();
        var stage = new FailureStage(
            failing => { failing.Response.Headers["X-Half"] = "done"; throw new InvalidOperationException("a bug"); },
            new ProblemAnswer(new PageLayout(new Branding(new())), site), new OwnAnswer(options, site), Microsoft.Extensions.Logging.Abstractions.NullLogger<FailureStage>.Instance);
        await stage.InvokeAsync(context);
        var headers = context.Response.Headers;
        Assert.Equal((500, "the id", "max-age=2592000", "nosniff", ""), (context.Response.StatusCode, headers["X-Request-Id"].ToString(), headers.StrictTransportSecurity.ToString(), headers.XContentTypeOptions.ToString(), headers["X-Half"].ToString()));
    }

    [Fact]
    public async Task Where_the_origin_is_http_nothing_is_said_of_https()
    {
        var refused = await GatewayProcess.RunToExitAsync(["check"], """{ "Gateway": { "PublicOrigin": "http://localhost:8080", "Https": { "Redirect": true, "Hsts": "1000.00:00:00" } } }""");
        Assert.Contains("Gateway:Https:Redirect: Gateway:PublicOrigin is not https", refused.Output);
        Assert.Contains("Gateway:Https:Hsts: 1000.00:00:00 is out of range", refused.Output);
    }

    private static async Task<HttpResponseMessage> AskAsync(GatewayProcess gateway, string path, string scheme, string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Url, path));
        request.Headers.Add("X-Forwarded-Proto", scheme);
        request.Headers.Add("X-Forwarded-Host", host);
        request.Headers.Add("X-Forwarded-For", "192.0.2.7");
        return await Http.SendAsync(request);
    }
}
