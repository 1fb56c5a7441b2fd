using OrgGateway.Sockets;

namespace OrgGateway.Tests.Sockets;

/// <summary>The boundaries of frames, wherever the bytes were cut on their way.</summary>
public sealed class FrameTrackerTests
{
    [Theory, InlineData(false), InlineData(true)]
    public void Boundaries_are_found_at_every_split_position(bool masked)
    {
        var frames = Stream(masked);
        var bytes = frames.SelectMany(f => f).ToArray();
        var boundaries = new HashSet<int>(frames.Select((_, i) => frames.Take(i + 1).Sum(f => f.Length))) { 0 };

        for (var split = 0; split <= bytes.Length; split++)
        {
            var tracker = new FrameTracker(masked);
            Assert.True(tracker.TryAdvance(bytes.AsSpan(0, split), toBoundary: false, out var used));
            Assert.Equal(split, used);
            Assert.Equal(boundaries.Contains(split), tracker.AtBoundary);
            Assert.True(tracker.TryAdvance(bytes.AsSpan(split), toBoundary: false, out used));
            Assert.Equal(bytes.Length - split, used);
            Assert.True(tracker.AtBoundary);
        }
    }

    [Theory, InlineData(false, 1), InlineData(true, 1), InlineData(false, 3), InlineData(true, 7)]
    public void Boundaries_are_found_when_the_bytes_come_in_crumbs(bool masked, int crumb)
    {
        var frames = Stream(masked);
        var bytes = frames.SelectMany(f => f).ToArray();
        var boundaries = new HashSet<int>(frames.Select((_, i) => frames.Take(i + 1).Sum(f => f.Length)));
        var tracker = new FrameTracker(masked);

        for (var at = 0; at < bytes.Length; at += crumb)
        {
            var end = Math.Min(at + crumb, bytes.Length);
            Assert.True(tracker.TryAdvance(bytes.AsSpan(at, end - at), toBoundary: false, out _));
            Assert.Equal(boundaries.Contains(end), tracker.AtBoundary);
        }
    }

    [Fact]
    public void The_rest_of_a_frame_is_followed_to_its_end_and_no_further_from_every_position()
    {
        var frames = Stream(masked: false);
        var bytes = frames.SelectMany(f => f).ToArray();
        var ends = frames.Select((_, i) => frames.Take(i + 1).Sum(f => f.Length)).ToArray();

        for (var split = 0; split < bytes.Length; split++)
        {
            var tracker = new FrameTracker(masked: false);
            tracker.TryAdvance(bytes.AsSpan(0, split), toBoundary: false, out _);
            Assert.True(tracker.TryAdvance(bytes.AsSpan(split), toBoundary: true, out var used));
            Assert.Equal(ends.First(end => end > split), split + used);
            Assert.True(tracker.AtBoundary);
        }
    }

    [Fact]
    public void A_length_of_64_bits_is_followed_without_its_bytes()
    {
        var tracker = new FrameTracker(masked: false);
        Assert.True(tracker.TryAdvance(Frame.Header(Frame.Final | Frame.Binary, long.MaxValue, masked: false), toBoundary: false, out _));
        Assert.False(tracker.AtBoundary);
        Assert.True(tracker.TryAdvance(new byte[100_000], toBoundary: true, out var used));
        Assert.Equal((100_000, false), (used, tracker.AtBoundary));
    }

    [Fact]
    public void Nothing_behind_a_Close_is_taken_for_a_frame()
    {
        var tracker = new FrameTracker(masked: false);
        Assert.True(tracker.TryAdvance([.. Frame.Of(Frame.Final | Frame.Close, 2), 0xff, 0xff, 0xff], toBoundary: false, out var used));
        Assert.Equal((7, true), (used, tracker.SawClose));
    }

    [Fact]
    public void Control_frames_are_no_messages()
    {
        var tracker = new FrameTracker(masked: true);
        tracker.TryAdvance([.. Frame.Of(Frame.Final | Frame.Ping, 4, masked: true), .. Frame.Of(Frame.Final | Frame.Pong, 0, masked: true)], toBoundary: false, out _);
        Assert.False(tracker.SawData);
        tracker.TryAdvance(Frame.Of(Frame.Text, 1, masked: true), toBoundary: false, out _);
        Assert.True(tracker.SawData);
    }

    public static TheoryData<string, byte[]> Malformed() => new()
    {
        { "reserved data opcode", [0x83, 0] },
        { "reserved control opcode", [0x8b, 0] },
        { "control frame in pieces", [Frame.Ping, 0] },
        { "control frame too long", [0x89, 126, 0, 126] },
        { "continuation of nothing", [0x80, 0] },
        { "message within a message", [Frame.Text, 0, 0x81, 0] },
        { "masked by a server", [0x81, 0x80, 1, 2, 3, 4] },
        { "length with its highest bit set", [0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0] },
    };

    [Theory, MemberData(nameof(Malformed))]
    public void What_cannot_be_frames_is_refused_at_every_split_position(string what, byte[] bytes)
    {
        for (var split = 0; split <= bytes.Length; split++)
        {
            var tracker = new FrameTracker(masked: false);
            Assert.False(tracker.TryAdvance(bytes.AsSpan(0, split), false, out _) && tracker.TryAdvance(bytes.AsSpan(split), false, out _), $"{what}, split at {split}");
        }
    }

    [Fact]
    public void A_client_that_does_not_mask_is_refused()
    {
        var tracker = new FrameTracker(masked: true);
        Assert.False(tracker.TryAdvance(Frame.Of(Frame.Final | Frame.Text, 3), toBoundary: false, out _));
    }

    // Fragmented and compressed messages, control frames between their pieces, and every form of a length.
    private static byte[][] Stream(bool masked) =>
    [
        Frame.Of(Frame.Final | Frame.Text, 0, masked),
        Frame.Of(Frame.Text | Frame.Compressed, 3, masked),
        Frame.Of(Frame.Final | Frame.Ping, 125, masked),
        Frame.Of(Frame.Continuation, 126, masked),
        Frame.Of(Frame.Final | Frame.Pong, 0, masked),
        Frame.Of(Frame.Final | Frame.Continuation, 0, masked),
        Frame.Of(Frame.Final | Frame.Binary | Frame.Compressed, 300, masked),
        Frame.Of(Frame.Final | Frame.Binary | 0x20, 65_536, masked)[..], // a reserved bit of some other extension
        Frame.Of(Frame.Final | Frame.Close, 2, masked),
    ];
}
