using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace OrgGateway.Soak;

/// <summary>
/// Asks a .NET process for a full garbage collection by its diagnostic port, as dotnet-gcdump does. A process at leisure makes none for hours, and
/// until it does nobody can tell what it holds from what it has not thrown away yet.
/// </summary>
internal static class FullCollection
{
    private const byte EventPipe = 2, Stop = 1, Collect = 2;
    private const ulong HeapCollect = 0x800000;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    public static async Task AskAsync(int process)
    {
        using var bound = new CancellationTokenSource(Bound);
        var path = Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{process}-*-socket").Single();
        var provider = Encoding.Unicode.GetBytes("Microsoft-Windows-DotNETRuntime\0");
        // A session of 16 MB in the nettrace format, with one provider: keywords, level, name, no filter.
        byte[] wanted = [.. Number(16), .. Number(1), .. Number(1), .. Number(HeapCollect), .. Number(4), .. Number((uint)provider.Length / 2), .. provider, .. Number(0)];
        await using var events = await SendAsync(path, Collect, wanted, bound.Token);
        var answer = new byte[28];
        await events.ReadExactlyAsync(answer, bound.Token);
        await using (await SendAsync(path, Stop, answer[20..], bound.Token))
            await events.CopyToAsync(Stream.Null, bound.Token); // the session ends when all of it is read
    }

    private static async Task<NetworkStream> SendAsync(string path, byte command, byte[] payload, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
        var stream = new NetworkStream(socket, ownsSocket: true);
        var size = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(size, (ushort)(20 + payload.Length));
        await stream.WriteAsync((byte[])[.. "DOTNET_IPC_V1\0"u8, .. size, EventPipe, command, 0, 0, .. payload], cancellationToken);
        return stream;
    }

    private static byte[] Number(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        return bytes;
    }

    private static byte[] Number(ulong number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        return bytes;
    }
}
