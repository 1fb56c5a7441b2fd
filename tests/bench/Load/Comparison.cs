using OrgGateway.Tests.Servers;

namespace OrgGateway.Bench.Load;

/// <summary>The gateway beside bare YARP, and beside the same bare YARP once more.</summary>
public sealed class Comparison(TextWriter output, Settings settings)
{
    /// <returns>The exit code: 1 when any request failed.</returns>
    public async Task<int> RunAsync(bool withGateway, bool machines = false)
    {
        await using var testbed = new Testbed();
        await testbed.StartUpstreamAsync();
        var bare = await testbed.StartBareYarpAsync("bare YARP");
        List<Target> targets = [await testbed.StartBareYarpAsync("bare YARP again")];
        var cookie = $"__Host-orggw={new string('A', 43)}";
        if (withGateway)
        {
            // By address, as the bare proxies: a name may resolve to another protocol.
            var url = new Uri($"http://127.0.0.1:{FreePort.Next()}");
            await testbed.StartRedisAsync();
            var gateway = await testbed.StartGatewayAsync(url, await testbed.StartProviderAsync(url), machines);
            targets.Add(gateway);
            using var browser = new SignIn();
            cookie = await browser.AtAsync(new Uri(url, $"{GatewayConfiguration.Path}?headers"), "alice@acme.test", "demo");
            await Proof.OfAsync(gateway, cookie, Proof.Identity);
            if (machines)
                targets.AddRange(await testbed.MachinesOfAsync(gateway));
        }
        var run = new Interleaved(testbed, settings, bare, cookie);
        return await new ComparisonTable(output, settings).OfAsync(run, targets);
    }
}
