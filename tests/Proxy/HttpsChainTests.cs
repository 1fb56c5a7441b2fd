using System.Net;
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
