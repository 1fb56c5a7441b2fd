using System.Globalization;
using System.Text.Json.Nodes;

namespace OrgGateway.Bench.Load;

/// <summary>Whether many organizations, many routes or many memberships slow a warm request or a start, and what memory they take.</summary>
public sealed class Growth(TextWriter output, Settings settings)
{
    private const int Many = 10_000;
    private const int Memberships = 400;

    /// <returns>The exit code: 1 when any request failed.</returns>
    public async Task<int> RunAsync()
    {
        await using var testbed = new Testbed();
        await testbed.StartUpstreamAsync();
        await testbed.StartRedisAsync();
        await using var farm = await SessionFarm.InRedisAsync(testbed.RedisPort);
        var (cookie, ofMany) = (await farm.CookieAsync(organizations: 1), await farm.CookieAsync(Memberships));
        await output.WriteLineAsync($"{"",-34}{"ready ms",9}{"resident MiB",14}");
        var one = await StartAsync("1 organization, 4 routes", 0, 0);
        var organizations = await StartAsync($"{Many} organizations", Many, 0);
        var routes = await StartAsync($"{Many} routes", 0, Many);
        var result = await new SideBySide(output, testbed, settings, one, cookie).RunAsync(
            [one with { Name = "again" }, organizations, routes, one with { Name = $"{Memberships} organizations of one person", Header = "Cookie: " + ofMany }]);
        await output.WriteLineAsync("after the load:");
        foreach (var target in new[] { one, organizations, routes })
            await MemoryAsync(target, "");
        return result;

        async Task<Target> StartAsync(string name, int organizations, int routes)
        {
            var configuration = GatewayConfiguration.WithoutProvider(testbed.UpstreamPort, testbed.RedisPort);
            for (var i = 0; i < organizations; i++)
                configuration["Gateway"]!["Organizations"]![$"tenant-{i}"] = new JsonObject { ["Id"] = $"org_{i}", ["Name"] = $"Tenant {i}" };
            for (var i = 0; i < routes; i++)
                configuration["ReverseProxy"]!["Routes"]![$"r{i}"] = new JsonObject
                {
                    ["ClusterId"] = "app", ["Match"] = new JsonObject { ["Path"] = $"/area-{i}/{{org}}/{{**rest}}" }, ["Metadata"] = new JsonObject { ["Token"] = "user", ["Roles"] = "admin" },
                };
            var (target, took) = await testbed.StartGatewayAsync(name, configuration, []);
            await MemoryAsync(target, took.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture));
            return target;
        }
    }

    private Task MemoryAsync(Target target, string ready) => output.WriteLineAsync(string.Create(
        CultureInfo.InvariantCulture,
        $"{target.Name,-34}{ready,9}{ProcessTree.ResidentBytes(target.ProcessId) / 1024.0 / 1024,14:0}"));
}
