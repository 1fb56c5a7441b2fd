using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Sockets;

/// <summary>Why the gateway closes a socket that was permitted: the code and text of its Close frame (RFC 6455 §5.5.1, §7.4).</summary>
public sealed class CloseReason
{
    /// <summary>Signed out, revoked, or past its end: sign in again.</summary>
    public static readonly CloseReason SessionEnded = new(4401, "session ended", toUpstream: 4401);

    /// <summary>No longer a member of the organization, or without the role or permission that the route asks for.</summary>
    public static readonly CloseReason MembershipLost = new(4403, "membership lost", toUpstream: 4403);

    /// <summary>Connect again: another replica answers.</summary>
    public static readonly CloseReason Restart = new(1012, "restart", toUpstream: 1001);

    /// <summary>Connect again later.</summary>
    public static readonly CloseReason Overload = new(1013, "overload", toUpstream: 1001);

    private const int HeaderLength = 2;
    private const int MaskLength = 4;
    private readonly byte[] _payloadToUpstream;

    // 1012 and 1013 are words of a server; to the upstream the gateway is a client that goes away.
    private CloseReason(int code, string text, int toUpstream)
    {
        (Code, Text) = (code, text);
        var payload = Payload(code, text);
        ToClient = (byte[])[0x88, (byte)payload.Length, .. payload];
        _payloadToUpstream = Payload(toUpstream, text);
    }

    public int Code { get; }
    public string Text { get; }

    /// <summary>The whole frame, as a server sends it.</summary>
    public ReadOnlyMemory<byte> ToClient { get; }

    public int LengthToUpstream => HeaderLength + MaskLength + _payloadToUpstream.Length;

    /// <summary>Writes the whole frame as a client sends it: masked with a key that nobody can foresee (§5.3).</summary>
    public void WriteToUpstream(Span<byte> frame)
    {
        frame[0] = 0x88;
        frame[1] = (byte)(0x80 | _payloadToUpstream.Length);
        var mask = frame.Slice(HeaderLength, MaskLength);
        RandomNumberGenerator.Fill(mask);
        for (var i = 0; i < _payloadToUpstream.Length; i++)
            frame[HeaderLength + MaskLength + i] = (byte)(_payloadToUpstream[i] ^ mask[i % MaskLength]);
    }

    private static byte[] Payload(int code, string text)
    {
        var payload = new byte[2 + text.Length];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        Encoding.ASCII.GetBytes(text, payload.AsSpan(2));
        return payload;
    }
}
