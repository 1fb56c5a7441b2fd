using System.Net;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Telemetry;

/// <summary>OTLP export and W3C trace context, against a collector of the tests.</summary>
public sealed class TracesTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    [Trait("Row", "S14")]
    public async Task A_request_is_one_trace_through_to_the_app_with_one_session_read_and_no_query_string()
    {
        await using var collector = new OtlpCollector();
        await collector.StartAsync();
        await using var stack = await GatewayStack.StartAsync(new());
        // The same configuration once more, at the first one's public origin so that its sessions count, with an exporter.
        await stack.Gateway.StopAsync();
        await using var gateway = await GatewayProcess.StartAsync(stack.Configuration, collector.Environment);
        using var alice = await stack.SignedInAsync("alice@acme.test");
        using (var warm = await alice.SendAsync(new(HttpMethod.Get, "/orgs/acme/api/echo"), CancellationToken.None))
            Assert.Equal(HttpStatusCode.OK, warm.StatusCode);
        await Wait.UntilAsync(() => collector.Count("/v1/traces", "session.read") > 0, Bound, "spans arrive");

        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        using var request = new HttpRequestMessage(HttpMethod.Get, "/orgs/acme/api/traced?code=never-in-a-trace");
        request.Headers.Add("traceparent", $"00-{Trace}-b7ad6b7169203331-01");
        using var answer = await alice.SendAsync(request, CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        var forwarded = stack.Upstream.LastRequest.Header("traceparent")!.Split('-');
        Assert.Equal(("00", Trace, "01"), (forwarded[0], forwarded[1], forwarded[3]));
        Assert.NotEqual("b7ad6b7169203331", forwarded[2]); // the app's parent is the gateway's own step
        var trace = System.Text.Encoding.Latin1.GetString(Convert.FromHexString(Trace));
        await Wait.UntilAsync(() => collector.Count("/v1/traces", "/orgs/acme/api/traced") == 1, Bound, "the request's own span arrives");
        await Wait.UntilAsync(() => collector.Count("/v1/traces", trace) == 3, Bound, "the request, the session read and the forwarding arrive");
        Assert.Equal(1, collector.SpansOf(trace, "session.read"));
        await Wait.UntilAsync(() => collector.Posted("/v1/metrics").Contains("orggateway.request.duration", StringComparison.Ordinal), Bound, "metrics arrive");

        Assert.Equal(0, await gateway.StopAsync());
        var all = collector.Posted("/v1/traces") + collector.Posted("/v1/metrics");
        Assert.DoesNotContain("never-in-a-trace", all);
        Assert.DoesNotMatch(CompactToken.Pattern, all);
        Assert.DoesNotContain(stack.SessionOf(alice)!, all);
        Assert.Contains("orggateway", all);
    }

    [Fact]
    public async Task Without_an_endpoint_nothing_is_exported_and_an_untraced_request_is_unsampled()
    {
        await using var stack = await GatewayStack.StartAsync(new());
        using var alice = await stack.SignedInAsync("alice@acme.test");
        using var answer = await alice.SendAsync(new(HttpMethod.Get, "/orgs/acme/api/echo"), CancellationToken.None);
        Assert.EndsWith("-00", stack.Upstream.LastRequest.Header("traceparent"));
    }
}
