namespace OrgGateway.Bench.Load;

/// <summary>The same gateway under other environment variables (of the runtime, as a rule), against itself without them and beside bare YARP.</summary>
public sealed class Tuning(TextWriter output, Settings settings)
{
    /// <param name="environments">Each several <c>NAME=VALUE</c>, with spaces between.</param>
    /// <returns>The exit code: 1 when any request failed.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> environments)
    {
        await using var testbed = new Testbed();
        await testbed.StartUpstreamAsync();
        await testbed.StartRedisAsync();
        await using var farm = await SessionFarm.InRedisAsync(testbed.RedisPort);
        var cookie = await farm.CookieAsync(organizations: 1);
        var reference = await StartAsync("gateway", "");
        List<Target> targets = [await StartAsync("gateway again", ""), await testbed.StartBareYarpAsync("bare YARP")];
        foreach (var environment in environments)
            targets.Add(await StartAsync(environment, environment));
        return await new SideBySide(output, testbed, settings, reference, cookie).RunAsync(targets);

        async Task<Target> StartAsync(string name, string environment) =>
            (await testbed.StartGatewayAsync(
                name, GatewayConfiguration.WithoutProvider(testbed.UpstreamPort, testbed.RedisPort),
                environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]))).Target;
    }
}
