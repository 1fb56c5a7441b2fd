using System.Net.Sockets;
using System.Text;

namespace OrgGateway.Bench.Load;

/// <summary>Many open WebSockets of one target, spoken by hand so that the measuring program costs little itself.</summary>
public sealed class SocketCrowd : IAsyncDisposable
{
    private const int AtOnce = 64;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);
    // A masked text frame of 32 bytes, with the key zero, and its echo.
    private static readonly byte[] Said = [0x81, 0x80 | 32, 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(new string('x', 32))];
    private static readonly byte[] CloseAnswer = [0x88, 0x80, 0, 0, 0, 0];
    private const int EchoLength = 2 + 32;
    private readonly List<NetworkStream> _sockets = [];

    public int Count => _sockets.Count;

    public static async Task<SocketCrowd> OpenAsync(Uri url, string cookie, int count)
    {
        var crowd = new SocketCrowd();
        var handshake = Encoding.ASCII.GetBytes(
            $"GET {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
            $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: {url.GetLeftPart(UriPartial.Authority)}\r\nCookie: {cookie}\r\n\r\n");
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (_, stop) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(url.Host, url.Port, stop);
            var stream = new NetworkStream(socket, ownsSocket: true);
            await stream.WriteAsync(handshake, stop);
            await ExpectSwitchAsync(stream, stop);
            await EchoAsync(stream, stop);
            lock (crowd._sockets)
                crowd._sockets.Add(stream);
        });
        return crowd;
    }

    /// <summary>One message to the upstream and back.</summary>
    public async Task EchoAsync(int socket) => await EchoAsync(_sockets[socket], CancellationToken.None);

    /// <summary>Waits for a Close frame on every socket, and answers it.</summary>
    /// <returns>The codes that came, with how many times.</returns>
    public async Task<IReadOnlyDictionary<int, int>> ClosedAsync()
    {
        using var bound = new CancellationTokenSource(Bound);
        var codes = await Task.WhenAll(_sockets.Select(async stream =>
        {
            var frame = new byte[64];
            var length = await stream.ReadAtLeastAsync(frame, 4, throwOnEndOfStream: false, bound.Token);
            if (length < 4 || frame[0] != 0x88)
                return 0;
            await stream.WriteAsync(CloseAnswer, bound.Token);
            return (frame[2] << 8) | frame[3];
        }));
        return codes.GroupBy(code => code).ToDictionary(group => group.Key, group => group.Count());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in _sockets)
            await stream.DisposeAsync();
    }

    private static async Task EchoAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Said, cancellationToken);
        await stream.ReadExactlyAsync(new byte[EchoLength], cancellationToken);
    }

    private static async Task ExpectSwitchAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var (answer, length) = (new byte[4096], 0);
        while (answer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            var count = await stream.ReadAsync(answer.AsMemory(length), cancellationToken);
            length += count > 0 ? count : throw new InvalidOperationException("a handshake was not answered");
        }
        if (!answer.AsSpan(0, length).StartsWith("HTTP/1.1 101"u8))
            throw new InvalidOperationException($"a handshake was answered {Encoding.ASCII.GetString(answer, 0, length)}");
    }
}
