using System.Buffers.Binary;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Access;
using OrgGateway.Orgs;
using OrgGateway.Sockets;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sockets;

/// <summary>A Close frame of the gateway's own in the middle of what others say.</summary>
public sealed class SocketStreamTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly ClientEnd _client = new();
    private readonly OpenSocket _socket;
    private readonly SocketStream _stream;

    public SocketStreamTests()
    {
        var policy = new RoutePolicy { RouteId = "live", ClusterId = "app", Access = AccessLevel.Public, Org = OrgSource.None, OrgSegment = null };
        var permit = new AccessDecision([]).Decide(policy, Caller.Nobody, new AccessRequest(true, true, OrgResolution.NotAsked, null, false)).Permit!;
        _socket = new OpenSocket(permit, new DefaultHttpContext(), TimeProvider.System, NullLogger.Instance);
        _stream = _socket.Open(_client);
    }

    [Fact]
    public async Task At_every_position_of_a_frame_the_close_goes_out_behind_it_and_nothing_after()
    {
        var frame = Frame.Of(Frame.Text | Frame.Compressed, 200);
        for (var split = 0; split <= frame.Length; split++)
        {
            using var test = new SocketStreamTests();
            await test._stream.WriteAsync(frame.AsMemory(0, split));
            test._socket.Close(CloseReason.MembershipLost);
            await test._stream.WriteAsync((byte[])[.. frame[split..], .. Frame.Of(Frame.Final | Frame.Continuation, 9)]);
            await test._stream.WriteAsync(Frame.Of(Frame.Final | Frame.Text, 9));
            await test.ClosedAsync();

            var expected = split is 0 ? CloseReason.MembershipLost.ToClient.ToArray() : [.. frame, .. CloseReason.MembershipLost.ToClient.Span];
            Assert.Equal(expected, test._client.Written);
        }
    }

    [Fact]
    public async Task A_write_under_way_ends_before_the_close_begins()
    {
        var gate = _client.Hold();
        var write = _stream.WriteAsync(Frame.Of(Frame.Final | Frame.Text, 5)).AsTask();
        _socket.Close(CloseReason.SessionEnded);
        Assert.False(write.IsCompleted);
        gate.SetResult();
        await write;
        await ClosedAsync();

        Assert.Equal([.. Frame.Of(Frame.Final | Frame.Text, 5), .. CloseReason.SessionEnded.ToClient.Span], _client.Written);
    }

    [Fact]
    public async Task What_the_client_says_afterwards_is_dropped_and_the_upstream_gets_a_close_and_the_end()
    {
        var buffer = new byte[4096];
        _client.Say(Frame.Of(Frame.Final | Frame.Text, 7, masked: true));
        Assert.Equal(13, await _stream.ReadAsync(buffer));
        _socket.Close(CloseReason.SessionEnded);
        _client.Say([.. Frame.Of(Frame.Final | Frame.Text, 50, masked: true), .. Frame.Of(Frame.Final | Frame.Close, 2, masked: true)]);

        var told = await _stream.ReadAsync(buffer);
        Assert.Equal((0x88, CloseReason.SessionEnded.LengthToUpstream), (buffer[0], told));
        Assert.Equal(4401, BinaryPrimitives.ReadUInt16BigEndian([(byte)(buffer[6] ^ buffer[2]), (byte)(buffer[7] ^ buffer[3])]));
        Assert.Equal(0, await _stream.ReadAsync(buffer));
    }

    [Fact]
    public async Task Within_a_frame_of_the_clients_the_upstream_gets_the_end_alone()
    {
        var buffer = new byte[4096];
        var frame = Frame.Of(Frame.Final | Frame.Text, 7, masked: true);
        _client.Say(frame[..5]);
        Assert.Equal(5, await _stream.ReadAsync(buffer));
        _socket.Close(CloseReason.SessionEnded);
        _client.Say([.. frame[5..], .. Frame.Of(Frame.Final | Frame.Close, 2, masked: true)]);

        Assert.Equal(0, await _stream.ReadAsync(buffer));
    }

    [Fact]
    public async Task No_second_close_follows_the_upstreams_own()
    {
        var close = Frame.Of(Frame.Final | Frame.Close, 2);
        await _stream.WriteAsync(close);
        _socket.Close(CloseReason.SessionEnded);
        await _stream.FinishAsync();
        Assert.Equal(close, _client.Written);
    }

    [Fact]
    public async Task Bytes_that_are_no_frames_end_the_socket()
    {
        await Assert.ThrowsAsync<IOException>(async () => await _stream.WriteAsync(new byte[] { 0xff, 0xff }));
        _client.Say(Frame.Of(Frame.Final | Frame.Text, 7)); // not masked
        await Assert.ThrowsAsync<IOException>(() => _stream.ReadAtLeastAsync(new byte[100], 1).AsTask());
    }

    [Fact]
    public async Task After_the_end_of_the_request_nothing_is_written()
    {
        await _socket.FinishAsync();
        _socket.Close(CloseReason.SessionEnded);
        await _stream.WriteAsync(Frame.Of(Frame.Final | Frame.Text, 7));
        Assert.Empty(_client.Written);
    }

    [Fact]
    public async Task Frames_pass_without_allocation()
    {
        var frame = Frame.Of(Frame.Final | Frame.Text, 100);
        _client.Keeps = false;
        for (var i = 0; i < 100; i++)
            await _stream.WriteAsync(frame);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            await _stream.WriteAsync(frame);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _client.Dispose();
    }

    private Task ClosedAsync() => Wait.UntilAsync(
        () => _client.Written.AsSpan().IndexOf(CloseReason.MembershipLost.ToClient.Span) >= 0 || _client.Written.AsSpan().IndexOf(CloseReason.SessionEnded.ToClient.Span) >= 0, Bound, "the close frame");

    /// <summary>The server's stream to a client, without one.</summary>
    private sealed class ClientEnd : MemoryStream
    {
        private readonly Lock _lock = new();
        private readonly List<byte> _written = [];
        private readonly Queue<byte[]> _said = [];
        private TaskCompletionSource? _held;

        public bool Keeps { get; set; } = true;

        public byte[] Written
        {
            get
            {
                lock (_lock)
                    return [.. _written];
            }
        }

        public TaskCompletionSource Hold() => _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Say(byte[] bytes) => _said.Enqueue(bytes);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_said.TryDequeue(out var bytes))
                return new(0);
            bytes.CopyTo(buffer);
            return new(bytes.Length);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Keeps)
                lock (_lock)
                    _written.AddRange(buffer.Span);
            return Interlocked.Exchange(ref _held, null) is { } held ? new(held.Task) : ValueTask.CompletedTask;
        }
    }
}
