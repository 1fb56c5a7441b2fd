using OrgGateway.Tests.Sockets;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>WebSocket frames of one direction, mostly in an order that may be.</summary>
internal static class FrameGrammar
{
    public static byte[] Frames(SeededNumbers numbers, bool masked)
    {
        var bytes = new List<byte>();
        var within = false;
        for (var i = numbers.Size(20); i >= 0; i--)
        {
            var first = numbers.Next(12) switch
            {
                0 => (byte)(Frame.Final | Frame.Ping),
                1 => (byte)(Frame.Final | Frame.Pong),
                2 when numbers.OneIn(4) => (byte)(Frame.Final | Frame.Close),
                3 => (byte)numbers.Next(256),
                4 => within ? Frame.Continuation : Frame.Text,
                _ => (byte)((within ? Frame.Continuation : numbers.Of([Frame.Text, Frame.Binary])) | Frame.Final | (numbers.OneIn(5) ? Frame.Compressed : 0)),
            };
            if ((first & 0x0f) < 8)
                within = (first & Frame.Final) == 0;
            var length = numbers.Of([0, 1, 5, 124, 125, 126, 127, 300]);
            if (numbers.OneIn(30))
                bytes.AddRange(Frame.Header(first, numbers.Of([65535L, 65536, int.MaxValue, long.MaxValue, -1]), masked));
            else
                bytes.AddRange(Frame.Of(first, length, masked != numbers.OneIn(100), (byte)numbers.Next(256)));
        }
        return [.. bytes];
    }
}
