using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Bench.Load;

/// <summary>What each thing costs that a route can ask for, and the least that any session costs (the floor), beside bare YARP.</summary>
public sealed class RouteComparison(TextWriter output, Settings settings)
{
    /// <returns>The exit code: 1 when any request failed.</returns>
    public async Task<int> RunAsync()
    {
        await using var testbed = new Testbed();
        await testbed.StartUpstreamAsync();
        await testbed.StartRedisAsync();
        var url = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var issuer = await testbed.StartProviderAsync(url);
        JsonObject? configuration = null;
        var gateway = await testbed.StartGatewayAsync(url, issuer, machines: true, change: made => MoreRoutes.AddTo(configuration = made, testbed.UpstreamPort));
        var (quiet, _) = await testbed.StartGatewayAsync(
            "gateway, no metrics", MoreRoutes.WithoutTelemetry(configuration!, new($"http://127.0.0.1:{FreePort.Next()}"), new($"http://127.0.0.1:{FreePort.Next()}")), []);
        using var browser = new SignIn();
        var cookie = await browser.AtAsync(new Uri(url, $"{GatewayConfiguration.Path}?headers"), "alice@acme.test", "demo");
        var bare = await testbed.StartBareYarpAsync("bare YARP");
        var floor = await testbed.StartBareYarpAsync("floor", cookie);
        await Proof.OfAsync(floor, cookie, "X-Auth-User-Id: alice");
        await Proof.OfAsync(gateway, cookie, Proof.Identity);
        await Proof.OfAsync(quiet, cookie, Proof.Identity);
        var machines = (await testbed.MachinesOfAsync(gateway)).Where(target => target.Tokens is null);

        var run = new Interleaved(testbed, settings, bare, cookie);
        return await new ComparisonTable(output, settings).OfAsync(run, [await testbed.StartBareYarpAsync("bare YARP again"), floor, gateway with { Name = "gateway, session" }, quiet, .. await MoreRoutes.OfAsync(gateway, cookie), .. machines]);
    }
}
