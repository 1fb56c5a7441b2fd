using System.Net;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Storage;

/// <summary>Redis Cluster: every command has one key, so that it goes to the node that holds it.</summary>
public sealed class RedisClusterTests : IAsyncLifetime
{
    private const int Nodes = 3;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly string _folder = Directory.CreateTempSubdirectory("orggateway-cluster-").FullName;
    private readonly List<RedisServer> _nodes = [];

    public async Task InitializeAsync()
    {
        for (var i = 0; i < Nodes; i++)
        {
            var node = new RedisServer { Arguments = ["--cluster-enabled", "yes", "--cluster-config-file", Path.Combine(_folder, $"nodes-{i}.conf"), "--cluster-port", $"{FreePort.Next()}"] };
            await node.InitializeAsync();
            _nodes.Add(node);
        }
        await CliAsync(["--cluster", "create", .. _nodes.Select(node => $"127.0.0.1:{node.Port}"), "--cluster-yes"]);
        foreach (var node in _nodes)
            await Wait.UntilAsync(async () => (await CliAsync(["-p", $"{node.Port}", "cluster", "info"])).Contains("cluster_state:ok", StringComparison.Ordinal), Bound, "the cluster stands");
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Sessions_are_spread_over_the_nodes_and_end_on_every_replica()
    {
        await using var stack = await GatewayStack.StartAsync(new() { Redis = _nodes[0] });
        var replica = await stack.StartReplicaAsync();
        using var client = new CookieClient();
        var sessions = new List<string>();
        foreach (var email in new[] { "alice@acme.test", "bob@globex.test", "carol@initech.test" })
        {
            using var browser = await stack.SignedInAsync(email);
            sessions.Add(stack.SessionOf(browser)!);
            Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(replica.Url, "/me", sessions[^1]));
            if (email == "bob@globex.test")
                await browser.GetAsync("/auth/logout", CancellationToken.None);
        }
        await Wait.UntilAsync(async () => await client.StatusAsync(replica.Url, "/me", sessions[1]) == HttpStatusCode.Unauthorized, Bound, "the sign-out reaches the replica");
        Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(replica.Url, "/me", sessions[0]));
        foreach (var node in _nodes)
            Assert.NotEqual("0", (await CliAsync(["-p", $"{node.Port}", "dbsize"])).Trim());
        foreach (var gateway in new[] { stack.Gateway, replica })
            Assert.DoesNotContain("CROSSSLOT", gateway.Output);
    }

    private static async Task<string> CliAsync(string[] arguments)
    {
        await using var cli = ChildProcess.Start("redis-cli", arguments);
        var exit = await cli.WaitForExitAsync(Bound);
        return exit == 0 ? cli.Output : throw cli.Ended("redis-cli");
    }
}
