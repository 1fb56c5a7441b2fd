using Xunit.Abstractions;

namespace OrgGateway.Tests.Chaos;

/// <summary>Real gateway processes behind HAProxy, and faults under traffic. All of them with <c>tests/chaos/run</c>; two on every run of the tests.</summary>
public sealed class FleetTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Row", "T146")]
    public async Task Restarts_fail_no_request_and_faults_sign_nobody_out_and_let_nobody_in()
    {
        var full = Environment.GetEnvironmentVariable("CHAOS") == "full";
        var breaches = new List<string>();
        Say(FaultTable.Header);
        foreach (var (name, options, script) in full ? FleetScripts.All : [FleetScripts.Short])
        {
            await using var run = await FleetRun.StartAsync(name, options, Say);
            await script(run);
            breaches.AddRange(await run.EndAsync());
            if (run.Table.Evidence() is { Length: > 0 } evidence)
                Say(evidence);
        }
        Assert.True(breaches.Count == 0, string.Join('\n', breaches));
    }

    private void Say(string line)
    {
        output.WriteLine(line);
        if (Environment.GetEnvironmentVariable("CHAOS_REPORT") is { Length: > 0 } report)
            File.AppendAllText(report, line + "\n");
    }
}
