using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OrgGateway.Bench.Load;

/// <summary>How often Redis was asked for what, from its own count.</summary>
public static class RedisCommands
{
    // A client's own upkeep, and the question asked here.
    private static readonly string[] Upkeep = ["info", "ping", "quit", "client", "config", "command", "hello", "echo", "cluster", "sentinel"];

    public static async Task<Dictionary<string, long>> CountAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        var stream = client.GetStream();
        await stream.WriteAsync("INFO commandstats\r\nQUIT\r\n"u8.ToArray());
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return (await reader.ReadToEndAsync())
            .Split("\r\n")
            .Where(line => line.StartsWith("cmdstat_", StringComparison.Ordinal))
            .Select(line => line["cmdstat_".Length..].Split(':', 2))
            .Where(pair => !Upkeep.Contains(pair[0].Split('|')[0]))
            .ToDictionary(pair => pair[0], pair => long.Parse(pair[1].Split(',')[0].Split('=')[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Bytes that its data take.</summary>
    public static async Task<long> MemoryAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        var stream = client.GetStream();
        await stream.WriteAsync("INFO memory\r\nQUIT\r\n"u8.ToArray());
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return long.Parse((await reader.ReadToEndAsync()).Split("\r\n").First(line => line.StartsWith("used_memory:", StringComparison.Ordinal)).Split(':')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>What was asked between two counts.</summary>
    public static Dictionary<string, long> Between(Dictionary<string, long> before, Dictionary<string, long> after) => after
        .Select(command => KeyValuePair.Create(command.Key, command.Value - before.GetValueOrDefault(command.Key)))
        .Where(command => command.Value > 0)
        .ToDictionary();
}
