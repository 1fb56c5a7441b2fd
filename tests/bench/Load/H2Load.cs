using System.Globalization;
using System.Text.RegularExpressions;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Bench.Load;

/// <summary>HTTP/2 by h2load, without TLS and without an upgrade (prior knowledge): what is measured is the protocol, not the cipher.</summary>
public sealed partial class H2Load : ILoad
{
    /// <summary>Requests on their way in one connection, as a browser has.</summary>
    private const int Streams = 8;

    /// <param name="connections">Requests on their way in all: the connections are fewer.</param>
    public async Task<LoadReport> RunAsync(Target target, string cookie, int seconds, int connections)
    {
        var log = Path.GetTempFileName();
        try
        {
            var (clients, streams) = (Math.Max(connections / Streams, 1), Math.Min(connections, Streams));
            string[] h2load =
            [
                "h2load", $"-t{Math.Min(2, clients)}", $"-c{clients}", $"-m{streams}", $"-D{seconds}", $"--log-file={log}", "-H", target.Header ?? $"Cookie: {cookie}",
                new Uri(target.Url, target.Path ?? GatewayConfiguration.Path).AbsoluteUri,
            ];
            if (Settings.LoadCores is { } cores) h2load = ["taskset", "-c", cores, .. h2load];
            await using var process = ChildProcess.Start(h2load[0], h2load[1..]);
            if (await process.WaitForExitAsync(TimeSpan.FromSeconds(seconds + 30)) != 0) throw process.Ended("h2load");

            var report = process.Output;
            var latencies = (await File.ReadAllLinesAsync(log)).Select(line => double.Parse(line.Split('\t')[2], CultureInfo.InvariantCulture) / 1000).Order().ToArray();
            if (!Rate().IsMatch(report) || latencies.Length == 0) throw new InvalidOperationException($"{target.Name}: h2load printed\n{report}");
            return new(
                double.Parse(Rate().Match(report).Groups[1].Value, CultureInfo.InvariantCulture),
                latencies[latencies.Length / 2],
                latencies[(int)(0.99 * (latencies.Length - 1))],
                Number(Succeeded(), report),
                Number(Failed(), report) + Number(Errored(), report) + Number(TimedOut(), report));
        }
        finally
        {
            File.Delete(log);
        }
    }

    private static long Number(Regex pattern, string report) => long.Parse(pattern.Match(report).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"finished in \S+, ([\d.]+) req/s")] private static partial Regex Rate();
    [GeneratedRegex(@"(\d+) succeeded")] private static partial Regex Succeeded();
    [GeneratedRegex(@"(\d+) failed")] private static partial Regex Failed();
    [GeneratedRegex(@"(\d+) errored")] private static partial Regex Errored();
    [GeneratedRegex(@"(\d+) timeout")] private static partial Regex TimedOut();
}
