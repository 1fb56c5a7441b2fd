using System.Diagnostics;
using System.Globalization;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Bench.Load;

/// <summary>What an open WebSocket costs on top of bare YARP, and how long a mass revocation takes to reach all of them.</summary>
public sealed class SocketComparison(TextWriter output, int wanted)
{
    private const int Warm = 200;
    private const int EchoesASlice = 2000;
    private const int Slices = 5;
    private const int SpareDescriptors = 500;

    /// <returns>The exit code: 1 when a socket got another close code than 4401.</returns>
    public async Task<int> RunAsync()
    {
        var limit = DescriptorLimit();
        var count = (int)Math.Min(wanted, (limit - SpareDescriptors) / 2);
        if (count < wanted)
            await output.WriteLineAsync($"{wanted} sockets need {2 * wanted + SpareDescriptors} file descriptors a process, the hard limit is {limit}: measuring with {count}");
        await using var testbed = new Testbed();
        await testbed.StartUpstreamAsync();
        await testbed.StartRedisAsync();
        var url = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var gateway = await testbed.StartGatewayAsync(url, await testbed.StartProviderAsync(url));
        using var browser = new SignIn();
        var cookie = await browser.AtAsync(new Uri(url, GatewayConfiguration.Path + "?headers"), "alice@acme.test", "demo");
        var bare = await testbed.StartBareYarpAsync("bare YARP");

        // Of each the first sockets pay for code and pools; they are not counted.
        await using var bareWarm = await SocketCrowd.OpenAsync(LiveOf(bare), cookie, Warm);
        await using var gatewayWarm = await SocketCrowd.OpenAsync(LiveOf(gateway), cookie, Warm);
        await using var bareCrowd = await GrowAsync(bare, cookie, count);
        await using var gatewayCrowd = await GrowAsync(gateway, cookie, count);
        await CompareEchoesAsync(bareCrowd, gatewayCrowd);
        return await RevokeAsync(url, cookie, gatewayCrowd);
    }

    private static Uri LiveOf(Target target) => new(target.Url, "/orgs/acme/live");

    private async Task<SocketCrowd> GrowAsync(Target target, string cookie, int count)
    {
        var (before, began) = (ProcessTree.ResidentBytes(target.ProcessId), Stopwatch.GetTimestamp());
        var crowd = await SocketCrowd.OpenAsync(LiveOf(target), cookie, count);
        var took = Stopwatch.GetElapsedTime(began);
        var each = (ProcessTree.ResidentBytes(target.ProcessId) - before) / 1024.0 / count;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{target.Name,-10} {count} sockets opened in {took.TotalSeconds:0.0} s, {each:0.00} KiB resident each"));
        return crowd;
    }

    // In turns, so that what else the machine does meanwhile meets both.
    private async Task CompareEchoesAsync(SocketCrowd bare, SocketCrowd gateway)
    {
        var (ofBare, ofGateway) = (new List<double>(), new List<double>());
        for (var slice = 0; slice < Slices; slice++)
        {
            await EchoAsync(bare, ofBare);
            await EchoAsync(gateway, ofGateway);
        }
        foreach (var share in (double[])[0.5, 0.99])
        {
            var (of, with) = (Quantile(ofBare, share), Quantile(ofGateway, share));
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"echo p{share * 100:0}: bare YARP {of:0.0} us, gateway {with:0.0} us, ratio {with / of:0.00}"));
        }
    }

    private static async Task EchoAsync(SocketCrowd crowd, List<double> micros)
    {
        for (var i = 0; i < EchoesASlice; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await crowd.EchoAsync((i * 7919) % crowd.Count);
            micros.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
        }
    }

    private async Task<int> RevokeAsync(Uri url, string cookie, SocketCrowd crowd)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
        using var logout = new HttpRequestMessage(HttpMethod.Post, new Uri(url, "/auth/logout"));
        logout.Headers.TryAddWithoutValidation("Cookie", cookie);
        logout.Headers.TryAddWithoutValidation("Origin", url.GetLeftPart(UriPartial.Authority));
        var closing = crowd.ClosedAsync();
        var began = Stopwatch.GetTimestamp();
        using var answer = await http.SendAsync(logout);
        var answered = Stopwatch.GetElapsedTime(began);
        var codes = await closing;
        var took = Stopwatch.GetElapsedTime(began);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"sign-out ({(int)answer.StatusCode} after {answered.TotalMilliseconds:0} ms) to the last of {crowd.Count} close frames: {took.TotalMilliseconds:0} ms; codes {string.Join(", ", codes.Select(c => $"{c.Key} x {c.Value}"))}"));
        return codes.Count == 1 && codes.ContainsKey(4401) ? 0 : 1;
    }

    private static double Quantile(List<double> values, double share) => values.Order().ElementAt((int)(share * (values.Count - 1)));

    // The runtime raises the soft limit to the hard one for itself.
    private static long DescriptorLimit()
    {
        var hard = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
        return long.TryParse(hard, CultureInfo.InvariantCulture, out var limit) ? limit : long.MaxValue;
    }
}
