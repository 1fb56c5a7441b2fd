using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Access;
using OrgGateway.Orgs;
using OrgGateway.Sockets;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>An upstream's frames in any pieces, and a Close of the gateway's somewhere between: the client gets whole frames, then that Close, then nothing.</summary>
internal sealed class SocketStreamTarget : FuzzTarget
{
    private static readonly Permit Permit = new AccessDecision([]).Decide(
        new RoutePolicy { RouteId = "live", ClusterId = "app", Access = AccessLevel.Public, Org = OrgSource.None, OrgSegment = null }, Caller.Nobody, new AccessRequest(true, true, OrgResolution.NotAsked, null, false)).Permit!;

    public override string Name => "socket-stream";

    /// <summary>The first byte says how the rest is cut, the second before which piece the gateway closes.</summary>
    public override byte[] Generate(SeededNumbers numbers) => [(byte)numbers.Next(256), (byte)numbers.Next(30), .. FrameGrammar.Frames(numbers, masked: false)];

    public override FuzzOutcome Try(byte[] input)
    {
        if (input.Length < 2)
            return FuzzOutcome.Refuse("nothing");
        var (cut, closeBefore, bytes) = (new SeededNumbers(input[0]), input[1], input.AsSpan(2).ToArray());
        using var client = new MemoryStream();
        var socket = new OpenSocket(Permit, new DefaultHttpContext(), TimeProvider.System, NullLogger.Instance);
        using var stream = socket.Open(client);
        var (askedAt, failedAt) = (-1, -1);
        var at = 0;
        for (var piece = 0; at < bytes.Length && failedAt < 0; piece++)
        {
            if (piece == closeBefore)
            {
                socket.Close(CloseReason.MembershipLost);
                askedAt = at;
            }
            var size = Math.Min(1 + cut.Next(60), bytes.Length - at);
            try
            {
                stream.WriteAsync(bytes.AsMemory(at, size)).AsTask().GetAwaiter().GetResult();
                at += size;
            }
            catch (IOException)
            {
                failedAt = at;
            }
        }
        stream.FinishAsync().GetAwaiter().GetResult();
        var expected = Expected(bytes, askedAt, failedAt < 0 ? bytes.Length : failedAt, out var how);
        var written = client.ToArray();
        if (how == "the upstream closes meanwhile")
        {
            // Bytes behind the upstream's own Close are nobody's frames: some of them may get lost.
            ReferenceFrames.Read(bytes, masked: false, out var closeAt);
            (written, expected) = (written[..Math.Min(written.Length, closeAt)], expected[..closeAt]);
        }
        FuzzViolation.Unless(written.AsSpan().SequenceEqual(expected), $"the client got {written.Length} bytes where {expected.Length} were meant ({how})");
        return new(failedAt < 0, $"{how} {failedAt >= 0}");
    }

    private static byte[] Expected(byte[] bytes, int askedAt, int end, out string how)
    {
        var (boundaries, _) = ReferenceFrames.Read(bytes, masked: false, out var closeAt);
        how = "all";
        if (askedAt < 0)
            return bytes[..end];
        how = "the upstream closes first";
        if (closeAt >= 0 && closeAt <= askedAt)
            return bytes[..end];
        int[] ends = [.. boundaries.Append(0).Where(boundary => boundary >= askedAt && boundary <= end).Order()];
        how = "cut within a frame";
        if (ends.Length == 0)
            return bytes[..end];
        how = ends[0] == closeAt ? "the upstream closes meanwhile" : "closed";
        return ends[0] == closeAt ? bytes[..end] : [.. bytes[..ends[0]], .. CloseReason.MembershipLost.ToClient.Span];
    }
}
