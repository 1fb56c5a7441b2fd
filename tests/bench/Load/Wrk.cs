using System.Globalization;
using System.Text.RegularExpressions;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Bench.Load;

/// <summary>HTTP/1.1 by wrk.</summary>
/// <param name="script">A file of Lua that makes the requests; null: GET.</param>
public sealed partial class Wrk(string? script = null) : ILoad
{
    public async Task<LoadReport> RunAsync(Target target, string cookie, int seconds, int connections)
    {
        string[] credential = target.Tokens?.Arguments().Before ?? ["-H", target.Header ?? $"Cookie: {cookie}"];
        string[] requests = script is null ? [] : ["-s", script, "-H", $"Origin: {target.Url.GetLeftPart(UriPartial.Authority)}"];
        string[] wrk =
        [
            "wrk", $"-t{Math.Min(2, connections)}", $"-c{connections}", $"-d{seconds}s", "--latency", .. credential, .. requests,
            new Uri(target.Url, target.Path ?? GatewayConfiguration.Path).AbsoluteUri, .. target.Tokens?.Arguments().Behind ?? [],
        ];
        if (Settings.LoadCores is { } cores) wrk = ["taskset", "-c", cores, .. wrk];
        await using var process = ChildProcess.Start(wrk[0], wrk[1..]);
        if (await process.WaitForExitAsync(TimeSpan.FromSeconds(seconds + 30)) != 0) throw process.Ended("wrk");

        var report = process.Output;
        var answered = (long)Number(RequestCount(), report);
        target.Tokens?.Sent(answered);
        return new(
            Number(Rate(), report),
            Milliseconds(Median(), report),
            Milliseconds(Percentile99(), report),
            answered,
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
