using Xunit.Abstractions;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Every parser that meets a stranger, with a few thousand inputs on every run of the tests and with millions by <c>tests/fuzz/run</c>.</summary>
public sealed class FuzzTests(ITestOutputHelper output, FuzzServers servers) : IClassFixture<FuzzServers>
{
    public static TheoryData<string> Names => [.. FuzzTargets.All(new FuzzServers()).Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void No_input_breaks_or_deceives(string name)
    {
        var settings = FuzzSettings.Read();
        if (settings.Target is { } only && only != name)
            return;
        var targets = FuzzTargets.All(servers);
        var report = settings.Run(targets.Single(one => one.Name == name), targets);
        output.WriteLine(report.Row());
        Assert.True(report.Failures.Count == 0, string.Join('\n', report.Failures));
    }
}
