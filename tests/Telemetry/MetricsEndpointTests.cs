using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Telemetry;

/// <summary>What an operator sees of a running gateway on its management listener.</summary>
public sealed class MetricsEndpointTests(DemoServers demo) : IClassFixture<DemoServers>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(20) };

    private GatewayStack Stack => demo.Stack;

    [Fact]
    public async Task Requests_are_counted_by_route_kind_and_outcome()
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        using var answered = await alice.SendAsync(new(HttpMethod.Get, "/orgs/acme/api/echo"), CancellationToken.None);
        using var refused = await Http.GetAsync(new Uri(Stack.Url, "/orgs/acme/api/echo"));
        using var unknown = await Http.GetAsync(new Uri(Stack.Url, "/nowhere/at-all"));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.NotFound), (answered.StatusCode, refused.StatusCode, unknown.StatusCode));

        // A request is counted when it has ended, which the caller may see a moment earlier.
        await Wait.UntilAsync(
            async () => (await MetricsAsync()) is var text
                && text.Contains("orggateway_request_duration_seconds_count{kind=\"api\",outcome=\"answered\",route=\"organization\"} ", StringComparison.Ordinal)
                && text.Contains("orggateway_request_duration_seconds_count{kind=\"api\",outcome=\"refused\",route=\"organization\"} ", StringComparison.Ordinal)
                && text.Contains("orggateway_request_duration_seconds_count{kind=\"api\",outcome=\"refused\",route=\"(none)\"} ", StringComparison.Ordinal)
                && text.Contains("orggateway_request_duration_seconds_count{kind=\"page\",outcome=\"redirected\",route=\"(gateway)\"} ", StringComparison.Ordinal),
            Bound,
            "the requests are counted");
        var metrics = await MetricsAsync();
        Assert.Contains("orggateway_store_available 1\n", metrics);
        Assert.Contains("orggateway_upstream_healthy{cluster=\"app\",destination=\"a\"} 1\n", metrics);
        Assert.DoesNotContain("u-alice", metrics);
        Assert.DoesNotMatch(CompactToken.Pattern, metrics);
    }

    [Fact]
    public async Task The_metrics_satisfy_promtool()
    {
        var metrics = await MetricsAsync();
        var start = new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var promtool = Process.Start(start)!;
        var said = promtool.StandardError.ReadToEndAsync();
        var printed = promtool.StandardOutput.ReadToEndAsync();
        await promtool.StandardInput.WriteAsync(metrics);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync().WaitAsync(Bound);
        Assert.True(promtool.ExitCode == 0, $"{await said}{await printed}\n{metrics}");
    }

    [Fact]
    [Trait("Row", "T114")]
    public async Task Diagnostics_are_not_on_the_public_listener()
    {
        foreach (var path in new[] { "/health/live", "/health/ready", "/metrics", "/admin/v1/sessions", "/admin/v1/explain?path=/", "/debug", "/auth/metrics", "/auth/health/ready" })
        {
            using var answer = await Http.GetAsync(new Uri(Stack.Url, path));
            Assert.Equal((path, HttpStatusCode.NotFound), (path, answer.StatusCode));
            // The Host header of the management listener opens nothing either.
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Stack.Url, path));
            request.Headers.Host = Stack.Gateway.ManagementUrl.Authority;
            using var other = await Http.SendAsync(request);
            Assert.Equal((path, HttpStatusCode.NotFound), (path, other.StatusCode));
        }
    }

    [Fact]
    public async Task Every_answer_names_its_request()
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        using var proxied = await alice.SendAsync(new(HttpMethod.Get, "/orgs/acme/api/echo"), CancellationToken.None);
        Assert.Equal(Stack.Upstream.LastRequest.Header("X-Request-Id"), Assert.Single(proxied.Headers.GetValues("X-Request-Id")));
        foreach (var path in new[] { "/auth/session", "/orgs/acme/", "/nowhere", "/auth/error" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Stack.Url, path));
            request.Headers.Add("X-Request-Id", "mine");
            using var answer = await Http.SendAsync(request);
            Assert.NotEqual("mine", Assert.Single(answer.Headers.GetValues("X-Request-Id")));
            if (answer.Content.Headers.ContentType?.MediaType == "application/problem+json")
                Assert.Equal((string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["requestId"], answer.Headers.GetValues("X-Request-Id").Single());
        }
    }

    [Fact]
    public async Task Readiness_names_its_parts_and_live_says_no_more_than_that()
    {
        using var ready = await Http.GetAsync(new Uri(Stack.Gateway.ManagementUrl, "/health/ready"));
        var body = JsonNode.Parse(await ready.Content.ReadAsStringAsync())!;
        Assert.Equal((HttpStatusCode.OK, "ready"), (ready.StatusCode, (string?)body["status"]));
        foreach (var part in new[] { "store", "providers", "configuration", "drain" })
            Assert.NotNull((string?)body["parts"]![part]);
        Assert.True(ready.Headers.CacheControl!.NoStore);
        Assert.Equal("""{"status":"ok"}""", await Http.GetStringAsync(new Uri(Stack.Gateway.ManagementUrl, "/health/live")));
    }

    private async Task<string> MetricsAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Stack.Gateway.ManagementUrl, "/metrics"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/plain"));
        using var answer = await Http.SendAsync(request);
        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
        return await answer.Content.ReadAsStringAsync();
    }
}
