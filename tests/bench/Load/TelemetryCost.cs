using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Bench.Load;

/// <summary>What metrics, traces and the assertion cost a warm request: the same gateway with and without, in one run.</summary>
public sealed class TelemetryCost(TextWriter output, Settings settings)
{
    // Prometheus asks every 15 or 30 seconds: this is the worst of it.
    private static readonly TimeSpan ScrapeEvery = TimeSpan.FromSeconds(1);

    /// <returns>The exit code: 1 when any request failed.</returns>
    public async Task<int> RunAsync()
    {
        await using var testbed = new Testbed();
        await testbed.StartUpstreamAsync();
        await testbed.StartRedisAsync();
        await using var farm = await SessionFarm.InRedisAsync(testbed.RedisPort);
        var cookie = await farm.CookieAsync(organizations: 1);
        // The upstream takes whatever it is sent, so it is the collector as well.
        var otlp = new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{testbed.UpstreamPort}", ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf" };
        var off = await StartAsync("no telemetry", metrics: false, []);
        var again = await StartAsync("no telemetry again", metrics: false, []);
        var unread = await StartAsync("metrics, never read", metrics: true, []);
        var metrics = await StartAsync("metrics, scraped every second", metrics: true, []);
        var few = await StartAsync("metrics, 1% of traces by OTLP", metrics: true, new(otlp) { ["OTEL_METRICS_EXPORTER"] = "none", ["OTEL_TRACES_SAMPLER"] = "parentbased_traceidratio", ["OTEL_TRACES_SAMPLER_ARG"] = "0.01" });
        var all = await StartAsync("metrics, all traces by OTLP", metrics: true, new(otlp) { ["OTEL_METRICS_EXPORTER"] = "none" });
        using var ending = new CancellationTokenSource();
        var scraping = Task.WhenAll(new[] { metrics, few, all }.Select(gateway => ScrapeAsync(gateway.Management, ending.Token)));
        var result = await new SideBySide(output, testbed, settings, off.Target, cookie).RunAsync(
            [off.Target with { Name = "no telemetry, no assertion", Path = GatewayConfiguration.PathWithoutAssertion }, again.Target, unread.Target, metrics.Target, few.Target, all.Target]);
        await ending.CancelAsync();
        await scraping;
        return result;

        async Task<(Target Target, Uri Management)> StartAsync(string name, bool metrics, Dictionary<string, string> environment)
        {
            var configuration = GatewayConfiguration.WithoutProvider(testbed.UpstreamPort, testbed.RedisPort);
            configuration["Gateway"]!["Telemetry"] = new JsonObject { ["Metrics"] = metrics };
            var (target, _) = await testbed.StartGatewayAsync(name, configuration, environment);
            return (target, new Uri((string)configuration["Gateway"]!["Management"]!["Url"]!));
        }
    }

    private static async Task ScrapeAsync(Uri management, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var timer = new PeriodicTimer(ScrapeEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                await http.GetStringAsync(new Uri(management, "/metrics"), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }
}
