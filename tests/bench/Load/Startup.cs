using System.Globalization;

namespace OrgGateway.Bench.Load;

/// <summary>From the start of the process to the first answer: the gateway to "ready", bare YARP to its first answer of the upstream.</summary>
public sealed class Startup(TextWriter output, int times)
{
    public async Task<int> RunAsync()
    {
        await using var testbed = new Testbed();
        await testbed.StartUpstreamAsync();
        await testbed.StartRedisAsync();
        var (bare, gateway) = (new List<double>(), new List<double>());
        // In turns, so that what else the machine does meanwhile meets both; the first of each warms the disk's cache and does not count.
        for (var i = 0; i <= times; i++)
        {
            var ofBare = await testbed.TimeToBareAnswerAsync();
            var ofGateway = await testbed.TimeToReadyAsync();
            if (i == 0)
                continue;
            bare.Add(ofBare.TotalMilliseconds);
            gateway.Add(ofGateway.TotalMilliseconds);
        }
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{"",-12}{"median ms",11}{"min",7}{"max",7}"));
        await RowAsync("bare YARP", bare);
        await RowAsync("gateway", gateway);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"ratio {Median(gateway) / Median(bare):0.00}"));
        return 0;
    }

    private Task RowAsync(string name, List<double> times) =>
        output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{name,-12}{Median(times),11:0}{times.Min(),7:0}{times.Max(),7:0}"));

    private static double Median(List<double> times)
    {
        var sorted = times.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
