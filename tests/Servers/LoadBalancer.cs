using System.Globalization;
using System.Net.Sockets;

namespace OrgGateway.Tests.Servers;

/// <summary>HAProxy as its package comes, in front of several gateways, with the configuration we ship.</summary>
public sealed class LoadBalancer : IAsyncDisposable
{
    private const string Server = "    server gateway-";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly ChildProcess _process;
    private readonly string _folder;

    private LoadBalancer(ChildProcess process, string folder) => (_process, _folder) = (process, folder);

    public string Output => _process.Output;

    /// <param name="port">Where it listens.</param>
    /// <param name="gateways">Address and management port of each.</param>
    public static async Task<LoadBalancer> StartAsync(int port, IReadOnlyList<(int Port, int Management)> gateways)
    {
        var folder = Directory.CreateTempSubdirectory("orggateway-haproxy-").FullName;
        var lines = (await File.ReadAllLinesAsync(Repository.PathOf("deploy/haproxy/haproxy.cfg"))).Where(line => !line.StartsWith(Server, StringComparison.Ordinal));
        await File.WriteAllLinesAsync(
            Path.Combine(folder, "haproxy.cfg"),
            [.. lines.Select(line => line.Replace("127.0.0.1:8443", $"127.0.0.1:{port}").Replace("/run/haproxy", folder)), .. gateways.Select((gateway, i) => $"{Server}{i + 1} 127.0.0.1:{gateway.Port} port {gateway.Management}")]);
        var process = ChildProcess.Start("/usr/sbin/haproxy", ["-db", "-f", "haproxy.cfg"], folder);
        var balancer = new LoadBalancer(process, folder);
        try
        {
            await Wait.UntilAsync(() => process.HasExited ? throw process.Ended("haproxy starts") : ListensAsync(port), Bound, "haproxy starts");
            return balancer;
        }
        catch
        {
            await balancer.DisposeAsync();
            throw;
        }
    }

    /// <summary>How many of the gateways it gives requests to.</summary>
    public async Task<int> UpAsync() => (await ServersAsync()).Count(server => server["status"].StartsWith("UP", StringComparison.Ordinal));

    /// <summary>Requests that it sent once more so far, to the same gateway or to another one.</summary>
    public async Task<long> RetriedAsync() => (await ServersAsync()).Sum(server => long.Parse(server["wretr"], CultureInfo.InvariantCulture) + long.Parse(server["wredis"], CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<IEnumerable<Dictionary<string, string>>> ServersAsync()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_folder, "admin.sock")));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync("show stat\n"u8.ToArray());
        using var reader = new StreamReader(stream);
        var rows = (await reader.ReadToEndAsync()).TrimStart('#', ' ').Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(row => row.Split(',')).ToList();
        return rows.Skip(1).Select(row => rows[0].Zip(row).DistinctBy(field => field.First).ToDictionary(field => field.First, field => field.Second))
            .Where(row => row["svname"].StartsWith("gateway-", StringComparison.Ordinal));
    }

    private static async Task<bool> ListensAsync(int port)
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
