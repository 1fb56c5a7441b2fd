using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sockets;

/// <summary>A WebSocket client that reads every Close code there is, and answers none unless told to.</summary>
public sealed class RawSocket : IDisposable
{
    private readonly TcpClient _client = new();
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _length;

    /// <summary>Status of the handshake.</summary>
    public int Status { get; private set; }

    public static async Task<RawSocket> OpenAsync(Uri url, string cookie, string origin)
    {
        var socket = new RawSocket();
        await socket._client.ConnectAsync(url.Host, url.Port);
        await socket._client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
            $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: {origin}\r\nCookie: {cookie}\r\n\r\n"));
        int end;
        while ((end = socket._buffer.AsSpan(0, socket._length).IndexOf("\r\n\r\n"u8)) < 0)
            Assert.True(await socket.FillAsync(), "the handshake is answered");
        socket.Status = int.Parse(Encoding.ASCII.GetString(socket._buffer, 9, 3), System.Globalization.CultureInfo.InvariantCulture);
        socket.Take(end + 4);
        return socket;
    }

    /// <summary>The next frame, or null at the end of the connection.</summary>
    public async Task<(byte Opcode, byte[] Payload)?> FrameAsync()
    {
        while (true)
        {
            if (TryFrame(out var frame))
                return frame;
            if (!await FillAsync())
                return null;
        }
    }

    /// <summary>Reads on to the Close frame.</summary>
    /// <returns>Its code and text; null when the connection ended without one.</returns>
    public async Task<(int Code, string Text)?> ClosedAsync()
    {
        while (await FrameAsync() is { } frame)
            if (frame.Opcode == Frame.Close)
                return (BinaryPrimitives.ReadUInt16BigEndian(frame.Payload), Encoding.UTF8.GetString(frame.Payload, 2, frame.Payload.Length - 2));
        return null;
    }

    /// <summary>Whether the connection ends without another frame.</summary>
    public async Task<bool> EndsAsync() => await FrameAsync() is null;

    public async Task SendAsync(byte[] bytes) => await _client.GetStream().WriteAsync(bytes);

    public Task AnswerCloseAsync() => SendAsync(Frame.Of(Frame.Final | Frame.Close, 0, masked: true));

    public void Dispose() => _client.Dispose();

    private bool TryFrame(out (byte, byte[]) frame)
    {
        frame = default;
        if (_length < 2)
            return false;
        var (header, length) = (2, _buffer[1] & 0x7f);
        if (length >= 126)
        {
            header = length == 126 ? 4 : 10;
            if (_length < header)
                return false;
            length = header == 4 ? BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(2)) : (int)BinaryPrimitives.ReadInt64BigEndian(_buffer.AsSpan(2));
        }
        if (_length < header + length)
            return false;
        frame = ((byte)(_buffer[0] & 0x0f), _buffer[header..(header + length)]);
        Take(header + length);
        return true;
    }

    private async Task<bool> FillAsync()
    {
        using var bound = new CancellationTokenSource(SocketClient.Bound);
        try
        {
            var count = await _client.GetStream().ReadAsync(_buffer.AsMemory(_length), bound.Token);
            _length += count;
            return count > 0;
        }
        catch (IOException)
        {
            return false; // reset: the end all the same
        }
    }

    private void Take(int count)
    {
        _buffer.AsSpan(count, _length - count).CopyTo(_buffer);
        _length -= count;
    }
}
