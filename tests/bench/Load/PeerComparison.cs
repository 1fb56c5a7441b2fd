using OrgGateway.Tests.Servers;

namespace OrgGateway.Bench.Load;

/// <summary>The gateway and other programs that stand where it does, all of them beside bare YARP, with the same provider, upstream, Redis and person.</summary>
public sealed class PeerComparison(TextWriter output, Settings settings)
{
    /// <returns>The exit code: 1 when any request failed.</returns>
    public async Task<int> RunAsync()
    {
        await using var testbed = new Testbed();
        await testbed.StartUpstreamAsync();
        await testbed.StartRedisAsync();
        var url = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var peers = new Peers(testbed, output);
        var issuer = await testbed.StartProviderAsync(url, peers.Callbacks);
        var gateway = await testbed.StartGatewayAsync(url, issuer);
        using var browser = new SignIn();
        var cookie = await browser.AtAsync(new Uri(url, $"{GatewayConfiguration.Path}?headers"), "alice@acme.test", "demo");
        await Proof.OfAsync(gateway, cookie, Proof.Identity);
        var bare = await testbed.StartBareYarpAsync("bare YARP");
        List<Target> targets = [await testbed.StartBareYarpAsync("bare YARP again"), gateway, .. await peers.StartAsync(issuer)];

        var run = new Interleaved(testbed, settings, bare, cookie);
        return await new ComparisonTable(output, settings).OfAsync(run, targets);
    }
}
