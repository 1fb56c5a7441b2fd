using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Configuration;

/// <summary>Files under deploy/, as far as they can be judged without a cluster.</summary>
public sealed partial class DeploymentFilesTests
{
    private const string Chart = "deploy/kubernetes/chart";

    [Theory]
    [InlineData("check", "alerts.yaml")]
    [InlineData("test", "alerts.test.yaml")]
    public async Task Prometheus_takes_the_alert_rules_and_they_fire_when_they_should(string verb, string file)
    {
        using var promtool = Process.Start(new ProcessStartInfo("promtool", [verb, "rules", Repository.PathOf("deploy/prometheus/" + file)]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = Task.WhenAll(promtool.StandardError.ReadToEndAsync(), promtool.StandardOutput.ReadToEndAsync());
        await promtool.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(promtool.ExitCode == 0, string.Concat(await said));
    }

    [Fact]
    public void Every_value_that_the_chart_uses_is_among_its_values()
    {
        var values = Keys(File.ReadAllLines(Repository.PathOf(Chart + "/values.yaml")));
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf(Chart + "/templates")))
        {
            var text = File.ReadAllText(file);
            Assert.Equal(text.Split("{{").Length, text.Split("}}").Length);
            foreach (Match used in Value().Matches(text))
                Assert.True(values.Contains(used.Groups[1].Value), $"{Path.GetFileName(file)}: {used.Value}");
            Assert.Equal(Block().Count(text), End().Count(text));
        }
    }

    [Theory]
    [InlineData("deploy/kubernetes/plain.yaml")]
    [InlineData(Chart + "/templates/deployment.yaml")]
    public void A_pod_is_not_root_writes_nothing_and_has_its_probes(string file)
    {
        var text = File.ReadAllText(Repository.PathOf(file));
        foreach (var line in new[] { "runAsNonRoot: true", "readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "drop: [ALL]", "automountServiceAccountToken: false", "/health/live", "/health/ready?allow=degraded", "mountPath: /run/secrets" })
            Assert.Contains(line, text);
        Assert.DoesNotContain("\t", text);
    }

    [Fact]
    public async Task The_configuration_in_the_manifests_is_sound()
    {
        var manifest = File.ReadAllText(Repository.PathOf("deploy/kubernetes/plain.yaml"));
        var json = manifest[(manifest.IndexOf("appsettings.json: |", StringComparison.Ordinal) + "appsettings.json: |".Length)..];
        json = json[..json.IndexOf("\n---", StringComparison.Ordinal)];
        var run = await GatewayProcess.RunToExitAsync(["check"], json, new Dictionary<string, string>
        {
            ["Gateway__IdentityProviders__main__ClientSecret"] = "a secret of the tests",
            ["AUTH_ENCRYPTION_KEY"] = "an encryption key of the tests alone",
        });
        Assert.True(run.ExitCode == 0, run.Output);
    }

    [Fact]
    public void The_dashboard_asks_for_metrics_that_exist()
    {
        using var board = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("deploy/grafana/dashboard.json")));
        var sources = string.Concat(Directory.EnumerateFiles(Repository.PathOf("gateway"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText));
        var asked = board.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(p => p.GetProperty("targets").EnumerateArray())
            .SelectMany(t => Metric().Matches(t.GetProperty("expr").GetString()!).Select(m => m.Value))
            .Distinct();
        Assert.NotEmpty(asked);
        foreach (var metric in asked.Where(m => !m.StartsWith("orggateway_org_tokens", StringComparison.Ordinal)))
        {
            var instrument = Suffix().Replace(metric, "").Replace('_', '.');
            Assert.True(InstrumentNames(sources).Contains(instrument), $"{metric}: no instrument {instrument}");
        }
    }

    private static HashSet<string> InstrumentNames(string sources) => [.. Instrument().Matches(sources).Select(m => m.Groups[1].Value.Replace('_', '.'))];

    // Paths of a simple YAML file: mappings by two spaces, lists and flow values left alone.
    private static HashSet<string> Keys(IEnumerable<string> lines)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var path = new List<string>();
        foreach (var line in lines)
        {
            if (YamlKey().Match(line) is not { Success: true } key)
                continue;
            var depth = key.Groups[1].Value.Length / 2;
            path.RemoveRange(Math.Min(depth, path.Count), path.Count - Math.Min(depth, path.Count));
            path.Add(key.Groups[2].Value);
            keys.Add(string.Join('.', path));
        }
        return keys;
    }

    [GeneratedRegex(@"\.Values\.([A-Za-z][A-Za-z.]*)")]
    private static partial Regex Value();

    [GeneratedRegex(@"\{\{-? (?:if|with|range|define) ")]
    private static partial Regex Block();

    [GeneratedRegex(@"\{\{-? end ")]
    private static partial Regex End();

    [GeneratedRegex(@"^((?:  )*)([A-Za-z][A-Za-z0-9]*):")]
    private static partial Regex YamlKey();

    [GeneratedRegex(@"orggateway_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"_(?:seconds_(?:bucket|count|sum)|total|seconds|bytes)$")]
    private static partial Regex Suffix();

    [GeneratedRegex("\"(orggateway\\.[a-z._]+)\"")]
    private static partial Regex Instrument();
}
