using System.Buffers.Binary;

namespace OrgGateway.Tests.Sockets;

/// <summary>Builds WebSocket frames byte by byte, sound ones and others.</summary>
public static class Frame
{
    public const byte Continuation = 0x00, Text = 0x01, Binary = 0x02, Close = 0x08, Ping = 0x09, Pong = 0x0a, Final = 0x80, Compressed = 0x40;

    /// <param name="first">Opcode, and the final and reserved bits.</param>
    public static byte[] Of(byte first, int length, bool masked = false, byte fill = 0x81) =>
        [.. Header(first, length, masked), .. Enumerable.Repeat(fill, length)];

    public static byte[] Of(byte first, ReadOnlySpan<byte> payload) => [.. Header(first, payload.Length, masked: false), .. payload];

    public static byte[] Header(byte first, long length, bool masked)
    {
        var mask = (byte)(masked ? 0x80 : 0);
        byte[] key = masked ? [1, 2, 3, 4] : [];
        if (length < 126)
            return [first, (byte)(mask | length), .. key];
        var extended = new byte[length <= ushort.MaxValue ? 2 : 8];
        if (extended.Length == 2)
            BinaryPrimitives.WriteUInt16BigEndian(extended, (ushort)length);
        else
            BinaryPrimitives.WriteInt64BigEndian(extended, length);
        return [first, (byte)(mask | (extended.Length == 2 ? 126 : 127)), .. extended, .. key];
    }
}
