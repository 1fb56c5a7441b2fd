using OrgGateway.Sockets;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>WebSocket frames: boundaries and faults are where another reading has them, however the bytes are cut into pieces.</summary>
internal sealed class FramesTarget : FuzzTarget
{
    public override string Name => "frames";
    public override int Inputs => 10_000;

    /// <summary>The first byte says the direction, the second how the rest is cut.</summary>
    public override byte[] Generate(SeededNumbers numbers)
    {
        var masked = numbers.OneIn(2);
        return [(byte)(masked ? 1 : 0), (byte)numbers.Next(256), .. FrameGrammar.Frames(numbers, masked)];
    }

    public override FuzzOutcome Try(byte[] input)
    {
        if (input.Length < 2)
            return FuzzOutcome.Refuse("nothing");
        var (masked, cut, bytes) = ((input[0] & 1) == 1, new SeededNumbers(input[1]), input.AsSpan(2).ToArray());
        var (boundaries, faultAt) = ReferenceFrames.Read(bytes, masked, out var closeAt);

        var whole = new FrameTracker(masked);
        FuzzViolation.Unless(whole.TryAdvance(bytes, toBoundary: false, out _) == (faultAt < 0), "what cannot be frames is judged against the reference");

        var pieces = new FrameTracker(masked);
        for (var at = 0; at < bytes.Length;)
        {
            var size = Math.Min(1 + cut.Next(40), bytes.Length - at);
            var stops = cut.OneIn(3);
            var isSound = pieces.TryAdvance(bytes.AsSpan(at, size), stops, out var used);
            FuzzViolation.Unless(used > 0 && used <= size, "no step forward");
            at += used;
            FuzzViolation.Unless(isSound == (faultAt < 0 || faultAt >= at), "a fault is seen elsewhere in pieces");
            if (!isSound)
                break;
            FuzzViolation.Unless(pieces.SawClose == (closeAt >= 0 && at >= closeAt), "a Close is seen elsewhere");
            if (!pieces.SawClose)
                FuzzViolation.Unless(pieces.AtBoundary == (at == 0 || boundaries.Contains(at)), $"a boundary is elsewhere, at {at}");
            FuzzViolation.Unless(!stops || used == size || pieces.AtBoundary, "stopped within a frame");
        }
        return new(faultAt < 0, $"{masked} {faultAt < 0} {closeAt >= 0} {Math.Min(6, boundaries.Count)} {whole.AtBoundary} {whole.SawData}");
    }
}
