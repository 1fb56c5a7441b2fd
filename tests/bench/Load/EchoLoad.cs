using System.Diagnostics;
using System.Net.Sockets;

namespace OrgGateway.Bench.Load;

/// <summary>Messages of 32 bytes through open WebSockets and back: each socket sends its next when the last has returned.</summary>
public sealed class EchoLoad : ILoad
{
    /// <returns>A message with its echo counts as a request.</returns>
    public async Task<LoadReport> RunAsync(Target target, string cookie, int seconds, int connections)
    {
        await using var crowd = await SocketCrowd.OpenAsync(new Uri(target.Url, GatewayConfiguration.Path), cookie, connections);
        var (began, length) = (Stopwatch.GetTimestamp(), TimeSpan.FromSeconds(seconds));
        var broken = 0L;
        var of = await Task.WhenAll(Enumerable.Range(0, crowd.Count).Select(socket => Task.Run(() => SayAsync(socket))));
        var took = Stopwatch.GetElapsedTime(began);
        var latencies = of.SelectMany(each => each).Order().ToArray();
        return latencies.Length == 0
            ? throw new InvalidOperationException($"{target.Name}: no message came back")
            : new(latencies.Length / took.TotalSeconds, latencies[latencies.Length / 2], latencies[(int)(0.99 * (latencies.Length - 1))], latencies.Length, broken);

        async Task<List<double>> SayAsync(int socket)
        {
            var milliseconds = new List<double>();
            try
            {
                while (Stopwatch.GetElapsedTime(began) < length)
                {
                    var said = Stopwatch.GetTimestamp();
                    await crowd.EchoAsync(socket);
                    milliseconds.Add(Stopwatch.GetElapsedTime(said).TotalMilliseconds);
                }
            }
            catch (Exception gone) when (gone is IOException or SocketException)
            {
                Interlocked.Increment(ref broken);
            }
            return milliseconds;
        }
    }
}
