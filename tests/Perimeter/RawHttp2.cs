using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace OrgGateway.Tests.Perimeter;

/// <summary>One HTTP/2 request without TLS, frame by frame (RFC 9113), for what no client library would send: trailers of a request.</summary>
public static class RawHttp2
{
    private const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, GoAway = 7;
    private const byte EndStream = 1, Acknowledged = 1, EndHeaders = 4;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    /// <returns>The status; fails where the stream was reset or the connection ended without one.</returns>
    public static async Task<int> PostAsync(Uri server, string path, byte[] body, (string Name, string Value)[] headers, (string Name, string Value)[] trailers)
    {
        using var bound = new CancellationTokenSource(Bound);
        using var socket = new TcpClient { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", server.Port, bound.Token);
        var stream = socket.GetStream();
        using var request = new MemoryStream();
        request.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        Write(request, Settings, 0, 0, []);
        Write(request, Headers, EndHeaders, 1, Block([(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", server.Authority), .. headers]));
        Write(request, Data, 0, 1, body);
        Write(request, Headers, EndHeaders | EndStream, 1, Block(trailers));
        await stream.WriteAsync(request.ToArray(), bound.Token);
        var head = new byte[9];
        while (await stream.ReadAtLeastAsync(head, 9, throwOnEndOfStream: false, bound.Token) == 9)
        {
            var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await stream.ReadExactlyAsync(payload, bound.Token);
            if (head[3] == Settings && (head[4] & Acknowledged) == 0)
                await stream.WriteAsync(Frame(Settings, Acknowledged, 0, []), bound.Token);
            else if (head[3] == Headers)
                return StatusOf(payload);
            else if (head[3] is Reset or GoAway)
                throw new IOException($"{(head[3] == Reset ? "reset" : "goaway")}: {Convert.ToHexString(payload)}");
        }
        throw new IOException("closed without an answer");
    }

    // RFC 7541 §6.2.2: literal, not indexed, new name, no Huffman code.
    private static byte[] Block(IEnumerable<(string Name, string Value)> fields)
    {
        using var block = new MemoryStream();
        foreach (var (name, value) in fields)
        {
            block.WriteByte(0);
            foreach (var text in new[] { name, value })
            {
                var bytes = Encoding.ASCII.GetBytes(text);
                if (bytes.Length < 127)
                {
                    block.WriteByte((byte)bytes.Length);
                }
                else
                {
                    // §5.1: what does not fit the prefix follows in sevens of bits.
                    block.WriteByte(127);
                    var rest = bytes.Length - 127;
                    for (; rest >= 128; rest /= 128)
                        block.WriteByte((byte)((rest % 128) + 128));
                    block.WriteByte((byte)rest);
                }
                block.Write(bytes);
            }
        }
        return block.ToArray();
    }

    // The status comes first, as an entry of the static table (§ Appendix A: 200 is 8, 400 is 12) or as a literal with its name from there.
    private static int StatusOf(ReadOnlySpan<byte> block)
    {
        while (block.Length > 0 && (block[0] & 0xE0) == 0x20)
            block = block[1..]; // size of the dynamic table
        if ((block[0] & 0x80) != 0)
            return (block[0] & 0x7F) switch { 8 => 200, 9 => 204, 10 => 206, 11 => 304, 12 => 400, 13 => 404, 14 => 500, _ => 0 };
        return int.TryParse(Encoding.ASCII.GetString(block.Slice(2, 3)), out var status) ? status : -1;
    }

    private static void Write(MemoryStream to, byte type, int flags, int id, byte[] payload) => to.Write(Frame(type, flags, id, payload));

    private static byte[] Frame(byte type, int flags, int id, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        (frame[0], frame[1], frame[2], frame[3], frame[4]) = ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, (byte)flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }
}
