using System.Collections.Concurrent;
using System.Net.NetworkInformation;
using System.Security.Cryptography;

namespace OrgGateway.Tests.Servers;

/// <summary>
/// Ports for servers that must know theirs before they start. They lie below the range that the kernel gives to outgoing
/// connections, so that no connection of another test takes one between the choice and the bind; each is handed out once.
/// </summary>
public static class FreePort
{
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    public static int Next()
    {
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port).ToHashSet();
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 32_000);
            if (!taken.Contains(port) && Given.TryAdd(port, true)) return port;
        }
        throw new InvalidOperationException("no free port between 20000 and 32000");
    }

    public static Uri NextOrigin() => new($"http://localhost:{Next()}");
}
