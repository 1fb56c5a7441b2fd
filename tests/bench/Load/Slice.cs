using System.Globalization;
using System.Text.RegularExpressions;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Bench.Load;

/// <summary>One run of wrk against one target.</summary>
/// <param name="Rps">Requests a second.</param>
/// <param name="P50">Median latency in milliseconds.</param>
/// <param name="P99">99th percentile in milliseconds.</param>
/// <param name="CpuPerRequest">CPU time of the proxy for a request, in microseconds.</param>
/// <param name="Requests">Requests answered.</param>
/// <param name="Bad">Answers other than 2xx or 3xx, and socket errors.</param>
public sealed partial record Slice(double Rps, double P50, double P99, double CpuPerRequest, long Requests, long Bad)
{
    /// <summary>CPU cores that other programs kept busy meanwhile.</summary>
    public double OthersCores { get; init; }

    public static async Task<Slice> RunAsync(Target target, string cookie, int seconds, int connections)
    {
        string[] credential = target.Tokens?.Arguments().Before ?? ["-H", target.Header ?? $"Cookie: {cookie}"];
        string[] wrk = ["wrk", "-t2", $"-c{connections}", $"-d{seconds}s", "--latency", .. credential, new Uri(target.Url, target.Path ?? GatewayConfiguration.Path).AbsoluteUri, .. target.Tokens?.Arguments().Behind ?? []];
        if (Settings.LoadCores is { } cores) wrk = ["taskset", "-c", cores, .. wrk];

        var before = CpuTime.OfProcess(target.ProcessId);
        await using var process = ChildProcess.Start(wrk[0], wrk[1..]);
        var exitCode = await process.WaitForExitAsync(TimeSpan.FromSeconds(seconds + 30));
        var ticks = CpuTime.OfProcess(target.ProcessId) - before;
        if (exitCode != 0) throw process.Ended("wrk");

        var report = process.Output;
        var requests = (long)Number(RequestCount(), report);
        target.Tokens?.Sent(requests);
        return new Slice(
            Number(Rate(), report),
            Milliseconds(Median(), report),
            Milliseconds(Percentile99(), report),
            ticks / CpuTime.TicksPerSecond * 1e6 / Math.Max(requests, 1),
            requests,
            (long)Number(NotSuccessful(), report) + SocketErrors().Matches(report).Sum(match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)));
    }

    private static double Number(Regex pattern, string report) =>
        pattern.Match(report) is { Success: true } match ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    private static double Milliseconds(Regex pattern, string report)
    {
        var unit = pattern.Match(report).Groups[2].Value;
        return Number(pattern, report) * unit switch { "us" => 1e-3, "ms" => 1, "s" => 1e3, "m" => 6e4, _ => throw new InvalidOperationException($"wrk printed\n{report}") };
    }

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")] private static partial Regex Rate();
    [GeneratedRegex(@"(\d+) requests in")] private static partial Regex RequestCount();
    [GeneratedRegex(@"^\s+50%\s+([\d.]+)(\w+)", RegexOptions.Multiline)] private static partial Regex Median();
    [GeneratedRegex(@"^\s+99%\s+([\d.]+)(\w+)", RegexOptions.Multiline)] private static partial Regex Percentile99();
    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")] private static partial Regex NotSuccessful();
    [GeneratedRegex(@"(?:connect|read|write|timeout) (\d+)")] private static partial Regex SocketErrors();
}
